package daemon

import (
	"os"
	"os/exec"
	"sync"
	"testing"
)

// Who has waited for the end of a daemon may take its folder at once, also
// while processes are started, which have every file open until they execute.
func TestAwaitUnlockedHoldsNothing(t *testing.T) {
	t.Parallel()
	f := Folder(t.TempDir())
	if err := os.WriteFile(f.path("lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	starting := startProcesses(t)
	defer starting()
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

// startProcesses starts one after another until it is told to end.
func startProcesses(t *testing.T) (end func()) {
	t.Helper()
	var wait sync.WaitGroup
	done := make(chan struct{})
	wait.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			if err := exec.Command("true").Run(); err != nil {
				t.Errorf("start a process: %v", err)
				return
			}
		}
	})
	return func() { close(done); wait.Wait() }
}
