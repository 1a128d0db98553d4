package daemon

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"orchard/localcloud/internal/world"
)

func testFolder(t *testing.T) Folder {
	t.Helper()
	f := Folder(filepath.Join(t.TempDir(), "s"))
	if err := f.Prepare(); err != nil {
		t.Fatal(err)
	}
	return f
}

// writeWorld puts a state file for a world into the folder.
func writeWorld(t *testing.T, f Folder, stack, content string) {
	t.Helper()
	dir := filepath.Join(f.Worlds(), stack)
	if err := os.MkdirAll(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, world.StateFile), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRemoveUnused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state string
		stays bool
	}{
		"an empty world":                  {`{"version": 2}`, false},
		"a world that declares something": {`{"version": 2, "resources": [{"id": "vpc-1"}]}`, true},
		"a world with an instance left":   {`{"version": 2, "instances": {"i-1": {"id": "i-1"}}}`, true},
		"a world with a database left":    {`{"version": 2, "databases": {"db-1": {"id": "db-1"}}}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := testFolder(t)
			writeWorld(t, f, "dev", c.state)
			if err := f.RemoveUnused(); err != nil {
				t.Fatal(err)
			}
			if got := f.Exists(); got != c.stays {
				t.Errorf("folder with %s is there after RemoveUnused: got %t, want %t", name, got, c.stays)
			}
		})
	}
}

func TestRemoveUnusedKeepsWhatItCannotRead(t *testing.T) {
	t.Parallel()
	f := testFolder(t)
	writeWorld(t, f, "dev", "{")
	if err := f.RemoveUnused(); err == nil || !strings.Contains(err.Error(), world.StateFile) {
		t.Errorf("RemoveUnused of a damaged world: got %v, want an error that names the state file", err)
	}
	if !f.Exists() {
		t.Error("the folder of a damaged world has been removed")
	}
}

// TestReset ends a process that lives in the folder, and no other.
func TestReset(t *testing.T) {
	t.Parallel()
	f := testFolder(t)
	writeWorld(t, f, "dev", "{")
	inside := exec.Command("sleep", "1000")
	inside.Dir = f.Worlds()
	outside := exec.Command("sleep", "1000")
	outside.Dir = "/"
	for _, c := range []*exec.Cmd{inside, outside} {
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- inside.Wait() }()
	if err := f.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("process in the folder: got %v, want it killed", err)
	}
	if err := outside.Process.Signal(os.Interrupt); err != nil {
		t.Errorf("process outside the folder: %v, want it alive", err)
	}
	_ = outside.Wait() // by the signal
	if f.Exists() {
		t.Error("the folder is there after Reset")
	}
}

func TestLockIsForOne(t *testing.T) {
	t.Parallel()
	f := testFolder(t)
	first, err := f.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Lock(); err == nil || !strings.Contains(err.Error(), string(f)) {
		t.Errorf("second lock: got %v, want an error that names the folder", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := f.Lock()
	if err != nil {
		t.Fatalf("lock after the first was given back: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestSecretStaysAndIsPrivate(t *testing.T) {
	t.Parallel()
	f := testFolder(t)
	first, err := f.CredentialKey()
	if err != nil {
		t.Fatal(err)
	}
	second, err := f.CredentialKey()
	if err != nil {
		t.Fatal(err)
	}
	if string(first) != string(second) || len(first) < 32 {
		t.Errorf("credential key: got %d and %d bytes, want the same 32 or more", len(first), len(second))
	}
	info, err := os.Stat(f.path("credentials.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the key's file: got %v (%v), want 0600", info.Mode().Perm(), err)
	}
}

// The parent of a folder that somebody has chosen stays, though it is empty.
func TestRemoveKeepsTheParent(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	f := Folder(filepath.Join(parent, "state"))
	if err := os.Mkdir(string(f), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := f.Remove(); err != nil || f.Exists() {
		t.Errorf("remove %s: got %v, there %t, want it gone", f, err, f.Exists())
	}
	if _, err := os.Stat(parent); err != nil {
		t.Errorf("the parent of the removed folder: got %v, want it left alone", err)
	}
}
