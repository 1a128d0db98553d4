package world

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Event is one line of a world's log: a thing that happened to it.
type Event struct {
	Number  int       `json:"number"` // its line in the log, from 1
	Time    time.Time `json:"time"`
	Kind    string    `json:"kind"` // "instance", "target", "database", "group", "balancer", "fault", "world"
	ID      string    `json:"id,omitempty"`
	Message string    `json:"message"`
}

// EventsFile is the name of the event log in a world's folder.
const EventsFile = "events.jsonl"

// keptEvents is how many events are remembered beside the file, the latest.
const keptEvents = 1000

// events appends to a file of JSON lines. It is a record for people; nothing
// is decided by it, so a line lost in a crash costs nothing and it is not
// synced.
type events struct {
	mu     sync.Mutex
	file   *os.File
	lines  int
	recent []Event // the latest at the end
}

func openEvents(folder string) (*events, error) {
	path := filepath.Join(folder, EventsFile)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open event log: %w", err)
	}
	e := &events{file: file}
	reader := EventReader{in: bufio.NewReader(file)}
	before, err := reader.Read()
	if err == nil && len(reader.part) > 0 { // the daemon before was killed over it
		_, err = file.Write([]byte{'\n'})
		reader.lines++
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("open event log: %w", err)
	}
	e.lines, e.recent = reader.lines, before[max(0, len(before)-keptEvents):]
	return e, nil
}

func (e *events) add(event Event) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	event.Number = e.lines + 1
	line, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	if _, err := e.file.Write(append(line, '\n')); err != nil {
		return err
	}
	e.lines++
	e.recent = append(e.recent, event)
	if len(e.recent) > 2*keptEvents {
		e.recent = slices.Clone(e.recent[keptEvents:])
	}
	return nil
}

// after are the remembered events from the one after the given number.
func (e *events) after(number int) []Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, event := range e.recent {
		if event.Number > number {
			return slices.Clone(e.recent[max(i, len(e.recent)-keptEvents):])
		}
	}
	return nil
}

func (e *events) close() error { return e.file.Close() }

// Events are those after the one with the given number, 0 for all; at most the
// latest 1000. The file has all of them: see EventReader.
func (w *World) Events(after int) []Event { return w.events.after(after) }

// EventReader reads an event log that may still be written.
type EventReader struct {
	in    *bufio.Reader
	lines int
	part  []byte // a line that is not whole yet
}

// NewEventReader reads the log from its beginning. It needs no daemon.
func NewEventReader(log io.Reader) *EventReader { return &EventReader{in: bufio.NewReader(log)} }

// Read returns the events that have been written since it was last asked. A
// line that is damaged, as a crash may leave one, is passed over.
func (r *EventReader) Read() ([]Event, error) {
	var out []Event
	for {
		line, err := r.in.ReadBytes('\n')
		r.part = append(r.part, line...)
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, fmt.Errorf("read event log: %w", err)
		}
		r.lines++
		var event Event
		if json.Unmarshal(bytes.TrimSpace(r.part), &event) == nil {
			event.Number = r.lines
			out = append(out, event)
		}
		r.part = nil
	}
}
