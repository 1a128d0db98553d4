package world

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Event is one line of a world's log: a thing that happened to it.
type Event struct {
	Time    time.Time `json:"time"`
	Kind    string    `json:"kind"` // "instance", "target", "database", "group", "balancer", "world"
	ID      string    `json:"id,omitempty"`
	Message string    `json:"message"`
}

// events appends to a file of JSON lines. It is a record for people; nothing
// is decided by it, so a line lost in a crash costs nothing and it is not
// synced.
type events struct {
	mu   sync.Mutex
	file *os.File
}

func openEvents(folder string) (*events, error) {
	path := filepath.Join(folder, "events.jsonl")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open event log: %w", err)
	}
	return &events{file: file}, nil
}

func (e *events) add(event Event) error {
	line, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	_, err = e.file.Write(append(line, '\n'))
	return err
}

func (e *events) close() error { return e.file.Close() }
