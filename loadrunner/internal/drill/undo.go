package drill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"orchard/loadrunner/internal/drill/control"
)

// Undo is how something that a drill does is undone. It is on disk before that is done.
type Undo struct {
	Fault  string   `json:"fault,omitempty"` // a kind of fault, to be ended
	Target string   `json:"target,omitempty"`
	Argv   []string `json:"argv,omitempty"`   // a command, to be run
	Remove string   `json:"remove,omitempty"` // a file, to be removed after
}

// journal is the file of a stack's undos, in the order of what they undo.
type journal string

func journalOf(folder, stack string) journal {
	return journal(filepath.Join(folder, "undo-"+stack+".json"))
}

func (j journal) read() (undos []Undo, err error) {
	text, err := os.ReadFile(string(j))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &undos)
	}
	if err != nil {
		return nil, fmt.Errorf("read undos: %w", err)
	}
	return undos, nil
}

// add writes an undo down; it is on disk when this returns.
func (j journal) add(u Undo) error {
	undos, err := j.read()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(append(undos, u), "", "  ")
	if err != nil {
		return fmt.Errorf("write undo: %w", err)
	}
	part := string(j) + ".part"
	if err := errors.Join(writeSynced(part, text), os.Rename(part, string(j))); err != nil {
		return fmt.Errorf("write undo: %w", err)
	}
	return nil
}

func writeSynced(path string, text []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// Clean undoes, the last first, what drills of a stack have left: what one did that
// was killed, or that has come to its end. It may be repeated.
func Clean(ctx context.Context, folder string, c *control.Client) error {
	w, err := c.World(ctx)
	if err != nil {
		return fmt.Errorf("clean up after drills: %w", err)
	}
	j := journalOf(folder, w.Stack)
	undos, err := j.read()
	if err != nil {
		return err
	}
	for n := len(undos) - 1; n >= 0; n-- {
		if err := undos[n].do(ctx, c, w); err != nil {
			return fmt.Errorf("clean up after drills: %w; what is left to undo is in %s", err, j)
		}
	}
	if err := os.Remove(string(j)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("clean up after drills: %w", err)
	}
	return nil
}

func (u Undo) do(ctx context.Context, c *control.Client, w control.World) error {
	for _, f := range w.Faults {
		if f.Kind == u.Fault && f.Target == u.Target {
			if err := c.End(ctx, w, f.ID); err != nil {
				return err
			}
		}
	}
	if len(u.Argv) > 0 {
		if err := command(ctx, u.Argv); err != nil {
			return err
		}
	}
	if u.Remove != "" {
		if err := os.Remove(u.Remove); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
