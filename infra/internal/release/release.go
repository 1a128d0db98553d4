// Package release looks at the binary that instances run before anything is declared.
//
// A release is named by the SHA-256 of its file, so the same file is the same
// release wherever it was built. A binary for another processor would only
// fail on the instances, minutes later; here it is refused at preview.
package release

import (
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"orchard/infra/internal/settings"
)

// Release is one built binary, of the service or of the load runner.
type Release struct {
	// Program is the name that the binary has where it runs.
	Program string
	// Path is absolute.
	Path string
	// Digest is the file's SHA-256 in lower-case hex.
	Digest string
}

// Key is where a store keeps the release.
func (r Release) Key() string { return KeyPrefix + r.Digest + "/" + r.Program }

// KeyPrefix is what the keys of all releases begin with.
const KeyPrefix = "releases/"

var machines = map[elf.Machine]settings.Architecture{
	elf.EM_AARCH64: settings.ARM64,
	elf.EM_X86_64:  settings.X8664,
}

// Read hashes the binary of a program at path and checks that it is built for
// the architecture.
func Read(program, path string, architecture settings.Architecture) (Release, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return Release{}, fmt.Errorf("find release: %w", err)
	}
	file, err := os.Open(absolute)
	if err != nil {
		return Release{}, fmt.Errorf("open release (build it first, or set orchard:release): %w", err)
	}
	defer file.Close()
	if err := checkArchitecture(file, architecture); err != nil {
		return Release{}, fmt.Errorf("read release %s: %w", absolute, err)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return Release{}, fmt.Errorf("hash release %s: %w", absolute, err)
	}
	return Release{Program: program, Path: absolute, Digest: hex.EncodeToString(sum.Sum(nil))}, nil
}

func checkArchitecture(file *os.File, want settings.Architecture) error {
	binary, err := elf.NewFile(file)
	if err != nil {
		return fmt.Errorf("it is not a Linux program: %w", err)
	}
	got, ok := machines[binary.Machine]
	if !ok {
		return fmt.Errorf("it is built for %s, which no image here has", binary.Machine)
	}
	if got != want {
		return fmt.Errorf("it is built for %s, but orchard:architecture is %s", got, want)
	}
	return nil
}
