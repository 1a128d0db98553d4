// Package results keeps what runs came to in folders, and joins the folders of many
// nodes and many minutes to one.
//
//	run.json       the result, the ledger's verdict, objectives and events
//	windows.jsonl  a line for each second, with raw records if they were asked for
//
// Windows are written as they end and read one at a time, so that neither a long run
// nor a report of one needs memory for its length.
package results

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"time"

	"orchard/loadrunner/internal/ledger"
	"orchard/loadrunner/internal/objective"
	"orchard/loadrunner/internal/record"
)

// Document is run.json.
type Document struct {
	*record.Result
	Times      Times               `json:"times"` // of Response and Service, for who reads the file
	Ledger     *ledger.Verdict     `json:"ledger,omitempty"`
	Objectives []objective.Outcome `json:"objectives,omitempty"`
	Events     []Event             `json:"events,omitempty"`
}

// Event is something that happened beside the load and is marked in reports.
type Event struct {
	At   time.Duration `json:"at_ns"` // after the start of the run
	Name string        `json:"name"`
}

// Met tells whether every objective is.
func (d *Document) Met() bool {
	for _, o := range d.Objectives {
		if !o.Met {
			return false
		}
	}
	return true
}

const (
	runFile    = "run.json"
	windowFile = "windows.jsonl"
)

// Writer writes the windows of a run to its folder.
type Writer struct {
	folder string
	file   *os.File
	out    *bufio.Writer
	lines  *json.Encoder
}

// Create makes the folder of a run; what was in it of another run is replaced.
func Create(folder string) (*Writer, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("create results: %w", err)
	}
	f, err := os.Create(filepath.Join(folder, windowFile))
	if err != nil {
		return nil, fmt.Errorf("create results: %w", err)
	}
	out := bufio.NewWriterSize(f, 16<<10)
	return &Writer{folder, f, out, json.NewEncoder(out)}, nil
}

// Window writes a second.
func (w *Writer) Window(window *record.Window) error {
	if err := w.lines.Encode(window); err != nil {
		return fmt.Errorf("write window: %w", err)
	}
	return nil
}

// Finish writes the document and closes the folder.
func (w *Writer) Finish(d *Document) error {
	err := save(w.folder, d)
	if err := errors.Join(err, w.out.Flush(), w.file.Close()); err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}

// save writes the document of a folder.
func save(folder string, d *Document) error {
	d.Times = Times{percentiles(d.Response), percentiles(d.Service)}
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, runFile), append(text, '\n'), 0o644)
}

// Load reads the document of a folder.
func Load(folder string) (*Document, error) {
	text, err := os.ReadFile(filepath.Join(folder, runFile))
	if err != nil {
		return nil, fmt.Errorf("read results: %w", err)
	}
	d := &Document{Result: record.NewResult()}
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("read results: %s: %w", folder, err)
	}
	return d, nil
}

// Windows reads the seconds of a folder in their order. After an error it ends.
func Windows(folder string) iter.Seq2[*record.Window, error] {
	return func(yield func(*record.Window, error) bool) {
		f, err := os.Open(filepath.Join(folder, windowFile))
		if err != nil {
			yield(nil, fmt.Errorf("read windows: %w", err))
			return
		}
		defer f.Close()
		lines := json.NewDecoder(bufio.NewReader(f))
		for {
			w := &record.Window{Response: record.NewHistogram(), Service: record.NewHistogram()}
			if err := lines.Decode(w); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				yield(nil, fmt.Errorf("read windows: %s: %w", folder, err))
				return
			}
			if !yield(w, nil) {
				return
			}
		}
	}
}
