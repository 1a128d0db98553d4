// Package ledger remembers the writes that a service has acknowledged, and finds
// out afterwards what became of them.
//
// An entry is a row that the run created. Its name carries the entry's number, its
// price follows from it, and its stock is the version: 0 when it is created, one
// more with each update. So a row that is read back tells by itself which entry it
// is, whether its values are right, and which update it has seen last.
//
//	not there, or at an older version than acknowledged   lost
//	there again at another id, or a repeated create that
//	was refused as its first attempt was carried out      doubled
//	another price, or a version that nobody has sent      wrong
//
// A write without an acknowledgement may have happened or not: both are right. The
// ledger keeps nothing in memory for an entry; it has 20 bytes for each in a file.
package ledger

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// Entry is a row whose creation was acknowledged.
type Entry struct {
	Number uint32 // of the run's creates, from 0
	ID     uint32
	Stock  uint32 // of the last update that was acknowledged
	Tried  uint32 // of the last update that was sent
}

// size is that of an entry in the file: a mark, and its four numbers.
const size = 20

// Marks of an entry in the file that Check works on.
const (
	nothing = iota
	acknowledged
	found
)

// Ledger is the record of one run. It is not safe for use at the same time.
type Ledger struct {
	run     string
	file    *os.File
	out     *bufio.Writer
	err     error
	entries uint64
	writes  uint64
	doubled uint64
}

// New returns the ledger of a run, which is a short name of letters and digits that
// no other run on the service has. Its file is temporary, in folder.
func New(folder, run string) (*Ledger, error) {
	f, err := os.CreateTemp(folder, "ledger-*")
	if err != nil {
		return nil, fmt.Errorf("create ledger: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil { // gone with the process, however it ends
		return nil, fmt.Errorf("create ledger: %w", err)
	}
	return &Ledger{run: run, file: f, out: bufio.NewWriterSize(f, 16<<10)}, nil
}

// Close removes the ledger.
func (l *Ledger) Close() { _ = l.file.Close() }

// Prefix is what the names of the run's entries begin with.
func (l *Ledger) Prefix() string { return "load-" + l.run + "-" }

// Name returns the name of an entry.
func (l *Ledger) Name(number uint32) string {
	return l.Prefix() + strconv.FormatUint(uint64(number), 10)
}

// Price returns the price of an entry, as the service writes it.
func Price(number uint32) string {
	return fmt.Sprintf("%d.%02d", number/100%1000, number%100)
}

// number returns the number of the entry that has a name.
func (l *Ledger) number(name string) (uint32, bool) {
	n, err := strconv.ParseUint(strings.TrimPrefix(name, l.Prefix()), 10, 32)
	return uint32(n), err == nil && strings.HasPrefix(name, l.Prefix())
}

// Acknowledged counts an acknowledged write.
func (l *Ledger) Acknowledged() { l.writes++ }

// Doubled counts a create that was repeated and then refused, because the service
// took the second attempt for another request than the first.
func (l *Ledger) Doubled() { l.doubled++ }

// Add writes down an entry that will not be written to any more. An error is kept
// and comes from Check.
func (l *Ledger) Add(e Entry) {
	b := encode(acknowledged, e)
	if _, err := l.out.Write(b[:]); err != nil && l.err == nil {
		l.err = fmt.Errorf("write ledger: %w", err)
	}
	l.entries++
}

func encode(mark uint32, e Entry) (b [size]byte) {
	for i, n := range [...]uint32{mark, e.Number, e.ID, e.Stock, e.Tried} {
		binary.LittleEndian.PutUint32(b[4*i:], n)
	}
	return b
}

func decode(b []byte) (mark uint32, e Entry) {
	n := func(i int) uint32 { return binary.LittleEndian.Uint32(b[4*i:]) }
	return n(0), Entry{n(1), n(2), n(3), n(4)}
}

// each reads the entries of the file in the order in which they were added.
func (l *Ledger) each(do func(Entry) error) error {
	if err := l.out.Flush(); err != nil && l.err == nil {
		l.err = fmt.Errorf("write ledger: %w", err)
	}
	if l.err != nil {
		return l.err
	}
	in := bufio.NewReader(io.NewSectionReader(l.file, 0, int64(l.entries)*size))
	var b [size]byte
	for range l.entries {
		if _, err := io.ReadFull(in, b[:]); err != nil {
			return fmt.Errorf("read ledger: %w", err)
		}
		_, e := decode(b[:])
		if err := do(e); err != nil {
			return err
		}
	}
	return nil
}
