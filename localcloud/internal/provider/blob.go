package provider

import (
	"errors"
	"fmt"
	"os"
)

// storeText puts a text where StoreBlob can read it. A temporary file is
// readable by its owner alone.
func storeText(store func(string) (string, int64, error), text string) (sum string, size int64, err error) {
	f, err := os.CreateTemp("", "localcloud-asset-*")
	if err != nil {
		return "", 0, fmt.Errorf("store text asset: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", 0, fmt.Errorf("store text asset: %w", err)
	}
	return store(f.Name())
}
