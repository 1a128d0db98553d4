package daemon

import (
	"os"
	"testing"
)

// Who has waited for the end of a daemon may take its folder at once.
func TestAwaitUnlockedHoldsNothing(t *testing.T) {
	t.Parallel()
	f := Folder(t.TempDir())
	if err := os.WriteFile(f.path("lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for n := range 1000 {
		if err := f.awaitUnlocked(t.Context()); err != nil {
			t.Fatal(err)
		}
		lock, err := f.Lock()
		if err != nil {
			t.Fatalf("lock after the wait, time %d: %v", n+1, err)
		}
		lock.Close()
	}
}
