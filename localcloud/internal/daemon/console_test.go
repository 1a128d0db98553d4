package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orchard/localcloud/internal/world"
)

// TestConsoleKeepsItsPort opens the console twice. Another process may take the
// port in between, but hardly ten times.
func TestConsoleKeepsItsPort(t *testing.T) {
	t.Parallel()
	var opened [2]string
	for range 10 {
		f := Folder(t.TempDir())
		for n := range opened {
			l, err := f.listen(consolePort)
			if err != nil {
				t.Fatal(err)
			}
			opened[n] = l.Addr().String()
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if opened[0] == opened[1] {
			return
		}
	}
	t.Errorf("address of the console of the next daemon: got %s, want %s", opened[1], opened[0])
}

func TestEventLogIsFound(t *testing.T) {
	t.Parallel()
	f := Folder(t.TempDir())
	look := func(stack, want, refusal string) {
		t.Helper()
		got, err := f.EventLog(stack)
		if err == nil && refusal == "" && got == f.path("w", want, world.EventsFile) {
			return
		}
		if err == nil || refusal == "" || !strings.Contains(err.Error(), refusal) {
			t.Errorf("event log of stack %q: got %q (%v), want that of %q or %q", stack, got, err, want, refusal)
		}
	}
	look("", "", "no stack has been up")
	for n, stack := range []string{"dev", "prod"} {
		if err := os.MkdirAll(f.path("w", stack), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(f.Worlds(), stack, world.EventsFile), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			look("", "dev", "")
		}
	}
	look("", "", "name one with --stack")
	look("prod", "prod", "")
	look("load", "", "stack load")
}
