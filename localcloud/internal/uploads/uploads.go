// Package uploads keeps what instances put into the buckets and containers of
// a world: a file for each object, in a folder for each container.
//
// What the program itself declares is not here but in the store of contents
// that all worlds share: it is known before, and named by its digest.
//
// What surprises: an object's file has the object's key as its name, escaped,
// and no folders below, because the keys "a" and "a/b" may both be there. A
// key whose escaped form is longer than a file's name may be is refused.
//
// Left out: versions, metadata and content types. Whoever puts a key twice
// replaces it.
package uploads

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// MaxBytes is what one object may have: results of load runs have kilobytes.
const MaxBytes = 16 << 20

// ErrTooLarge says that an object has more than MaxBytes.
var ErrTooLarge = fmt.Errorf("an object may have %d bytes here", MaxBytes)

// ErrLongKey says that a key cannot be kept.
var ErrLongKey = fmt.Errorf("a key may have %d bytes here, escaped", maxName)

// maxName is NAME_MAX of Linux, less what a file has more while it is written.
const maxName = 255 - 16

// Folder is where a world keeps uploads. It need not exist.
type Folder string

func (f Folder) container(name string) string {
	return filepath.Join(string(f), url.QueryEscape(name))
}

func (f Folder) file(container, key string) (string, error) {
	name := url.QueryEscape(key)
	if len(name) > maxName {
		return "", ErrLongKey
	}
	return filepath.Join(f.container(container), "+"+name), nil // no key is "." then, nor ".."
}

// Put keeps an object, and returns once it is on disk whole.
func (f Folder) Put(container, key string, content io.Reader) error {
	path, err := f.file(container, key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("keep upload: %w", err)
	}
	part, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("keep upload: %w", err)
	}
	defer os.Remove(part.Name()) // gone after the rename
	n, err := io.Copy(part, io.LimitReader(content, MaxBytes+1))
	if err := errors.Join(err, part.Sync(), part.Close()); err != nil {
		return fmt.Errorf("keep upload: %w", err)
	}
	if n > MaxBytes {
		return ErrTooLarge
	}
	if err := os.Rename(part.Name(), path); err != nil {
		return fmt.Errorf("keep upload: %w", err)
	}
	return nil
}

// Find gives the file of an object. The error wraps fs.ErrNotExist where there
// is none.
func (f Folder) Find(container, key string) (string, error) {
	path, err := f.file(container, key)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		return "", fmt.Errorf("find upload %s in %s: %w", key, container, err)
	}
	return path, nil
}

// Keys are the objects of a container whose keys begin with the prefix, in
// order. Of a container that is not there there are none.
func (f Folder) Keys(container, prefix string) ([]string, error) {
	entries, err := os.ReadDir(f.container(container))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list uploads: %w", err)
	}
	var keys []string
	for _, entry := range entries {
		name, ok := strings.CutPrefix(entry.Name(), "+")
		key, err := url.QueryUnescape(name)
		if ok && err == nil && strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

// Remove forgets a container with all that is in it.
func (f Folder) Remove(container string) error {
	if err := os.RemoveAll(f.container(container)); err != nil {
		return fmt.Errorf("remove uploads of %s: %w", container, err)
	}
	return nil
}
