package daemon

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"orchard/localcloud/internal/durable"
)

// CredentialKey is what the credentials of instances are derived from, the same
// for as long as the folder lives.
func (f Folder) CredentialKey() ([]byte, error) {
	value, err := f.secret("credentials.key")
	return []byte(value), err
}

// secret reads a random value of the state folder, and makes it the first
// time: 32 random bytes in hexadecimal.
func (f Folder) secret(parts ...string) (string, error) {
	path := f.path(parts...)
	data, err := os.ReadFile(path)
	if err == nil {
		return string(data), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read secret: %w", err)
	}
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return "", fmt.Errorf("make secret: %w", err)
	}
	value := hex.EncodeToString(random)
	return value, durable.Write(path, []byte(value), 0o600)
}
