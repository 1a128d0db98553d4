package main

import (
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// TestMemory runs the built command with everything on.
func TestMemory(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	binary := filepath.Join(folder, "loadrunner")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), binary, "run", "--url", answering(t), "--get", "/", "--rate", "2000", "--for", "3s",
		"--out", filepath.Join(folder, "out"), "--html", "--metrics", "127.0.0.1:0", "--behind", "100%")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("run: %v\n%s", err, out)
	}
	const most = 20 << 10 // kB
	if peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss; peak > most {
		t.Errorf("it took %d kB of memory, want at most %d", peak, most)
	}
}
