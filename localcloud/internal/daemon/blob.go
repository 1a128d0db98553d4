package daemon

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// StoreBlob copies a file into the folder's store of contents, under its
// SHA-256, and returns once the copy is on disk. A content that is there is not
// written again.
func (f Folder) StoreBlob(path string) (digest string, size int64, err error) {
	source, err := os.Open(path)
	if err != nil {
		return "", 0, fmt.Errorf("store object: %w", err)
	}
	defer source.Close()
	tmp, err := os.CreateTemp(f.Blobs(), ".new-*")
	if err != nil {
		return "", 0, fmt.Errorf("store object: %w", err)
	}
	defer os.Remove(tmp.Name())
	sum := sha256.New()
	size, err = io.Copy(io.MultiWriter(tmp, sum), source)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return "", 0, fmt.Errorf("store object %s: %w", path, err)
	}
	digest = hex.EncodeToString(sum.Sum(nil))
	if err := os.Rename(tmp.Name(), filepath.Join(f.Blobs(), digest)); err != nil {
		return "", 0, fmt.Errorf("store object %s: %w", path, err)
	}
	return digest, size, nil
}
