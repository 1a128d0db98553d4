// Package release says which build this process runs: the SHA-256 of its own
// executable file, which is also the key under which a release is stored.
//
// The running file is read through /proc/self/exe, so the answer stays right
// after the file on disk has been replaced. Linux only.
package release

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
)

// Info is what /version and `orchard version` print.
type Info struct {
	Release string `json:"release"` // SHA-256 of the executable, hexadecimal
	Go      string `json:"go"`
}

// Read returns the Info of this process. The file is read once.
var Read = sync.OnceValues(func() (Info, error) {
	f, err := os.Open("/proc/self/exe")
	if err != nil {
		return Info{}, fmt.Errorf("open own executable: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return Info{}, fmt.Errorf("read own executable: %w", err)
	}
	return Info{Release: hex.EncodeToString(h.Sum(nil)), Go: runtime.Version()}, nil
})
