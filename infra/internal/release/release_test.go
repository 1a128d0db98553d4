package release

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orchard/infra/internal/settings"
)

// program is the smallest file that is a Linux program for a machine
// (elf(5): EM_X86_64 is 62, EM_AARCH64 is 183).
func program(machine byte) []byte {
	header := make([]byte, 64)
	copy(header, "\x7fELF\x02\x01\x01")
	header[16], header[18], header[20], header[52] = 2, machine, 1, 64
	return header
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"right", program(183), ""},
		{"other architecture", program(62), "built for x86_64, but orchard:architecture is arm64"},
		{"unknown architecture", program(243), "EM_RISCV"},
		{"script", []byte("#!/bin/sh\n"), "not a Linux program"},
		{"empty", nil, "not a Linux program"},
	} {
		path := filepath.Join(t.TempDir(), "orchard")
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Read("orchard", path, settings.ARM64)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
			}
			continue
		}
		digest := fmt.Sprintf("%x", sha256.Sum256(c.content))
		if err != nil || got.Path != path || got.Digest != digest || got.Key() != "releases/"+digest+"/orchard" {
			t.Errorf("%s: got %+v, %v, want digest %s", c.name, got, err, digest)
		}
	}
}

func TestReadMissing(t *testing.T) {
	t.Parallel()
	_, err := Read("orchard", filepath.Join(t.TempDir(), "none"), settings.ARM64)
	if err == nil || !strings.Contains(err.Error(), "set orchard:release") {
		t.Errorf("missing release: got error %v, want one with the remedy", err)
	}
}
