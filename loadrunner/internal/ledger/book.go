package ledger

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// book is a file with an entry at the place of its number.
type book struct{ file *os.File }

// index makes the book of the ledger's entries.
func (l *Ledger) index() (*book, error) {
	f, err := os.CreateTemp("", "ledger-*")
	if err != nil {
		return nil, fmt.Errorf("index ledger: %w", err)
	}
	b := &book{f}
	err = errors.Join(os.Remove(f.Name()), l.each(func(e Entry) error { return b.put(acknowledged, e.Number, e) }))
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("index ledger: %w", err)
	}
	return b, nil
}

func (b *book) put(mark, number uint32, e Entry) error {
	e.Number = number
	text := encode(mark, e)
	_, err := b.file.WriteAt(text[:], int64(number)*size)
	return err
}

func (b *book) get(number uint32) (uint32, Entry, error) {
	var text [size]byte
	if _, err := b.file.ReadAt(text[:], int64(number)*size); err != nil && !errors.Is(err, io.EOF) {
		return 0, Entry{}, err
	}
	mark, e := decode(text[:])
	return mark, e, nil
}
