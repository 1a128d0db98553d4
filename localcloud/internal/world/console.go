package world

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// keptConsoles is how many console logs of ended instances are kept, the newest.
const keptConsoles = 20

func (w *World) consoles() string { return filepath.Join(w.folder, "consoles") }

// keepConsole moves the console log of an instance out of its folder, because
// the log of one that failed is what people want to read.
func (w *World) keepConsole(id string) error {
	if err := os.MkdirAll(w.consoles(), 0o700); err != nil {
		return fmt.Errorf("keep console log: %w", err)
	}
	err := os.Rename(w.consolePath(id), filepath.Join(w.consoles(), id+".log"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("keep console log: %w", err)
	}
	return w.dropOldConsoles()
}

func (w *World) consolePath(id string) string {
	return filepath.Join(w.InstanceFolder(id), "console.log")
}

func (w *World) dropOldConsoles() error {
	entries, err := os.ReadDir(w.consoles())
	if err != nil {
		return err
	}
	if len(entries) <= keptConsoles {
		return nil
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(age(a), age(b)) })
	for _, entry := range entries[:len(entries)-keptConsoles] {
		if err := os.Remove(filepath.Join(w.consoles(), entry.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// age is a file's time of change; a file that has just gone is the oldest.
func age(entry fs.DirEntry) int64 {
	info, err := entry.Info()
	if err != nil {
		return 0
	}
	return info.ModTime().UnixNano()
}
