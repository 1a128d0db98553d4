package machine

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// storeExecutable copies a program into the store under the digest of its
// content and returns the copy's path. The copy stays the same when the
// program is built anew, so instances that run it are not disturbed.
func storeExecutable(store, executable string) (string, error) {
	source, err := os.Open(executable)
	if err != nil {
		return "", fmt.Errorf("store executable: %w", err)
	}
	defer source.Close()
	digest := sha256.New()
	if _, err := io.Copy(digest, source); err != nil {
		return "", fmt.Errorf("store executable: %w", err)
	}
	path := filepath.Join(store, hex.EncodeToString(digest.Sum(nil))[:32], "localcloud")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if _, err := source.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("store executable: %w", err)
	}
	if err := copyExecutable(path, source); err != nil {
		return "", fmt.Errorf("store executable: %w", err)
	}
	return path, nil
}

// copyExecutable makes the file appear whole or not at all, whoever else
// copies the same.
func copyExecutable(path string, source io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.Chmod(filepath.Dir(path), 0o755); err != nil { // whatever the umask
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(path), "part-")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name()) // gone after the rename
	_, err = io.Copy(part, source)
	return errors.Join(err, part.Chmod(0o755), part.Close(), os.Rename(part.Name(), path))
}
