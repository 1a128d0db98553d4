package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// build builds the command, and returns its path.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "loadrunner")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

// TestMemory runs the built command with everything on.
func TestMemory(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cmd := exec.CommandContext(t.Context(), build(t), "run", "--url", answering(t), "--get", "/", "--rate", "2000", "--for", "3s",
		"--out", filepath.Join(folder, "out"), "--html", "--metrics", "127.0.0.1:0", "--behind", "100%")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	const most = 20 << 10 // kB
	peak := 0
	for ticker := time.NewTicker(20 * time.Millisecond); ; {
		// Not what wait4 says, which is at least the memory of this process.
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid)) // gone at the end
		if m := highWater.FindSubmatch(text); m != nil {
			peak, _ = strconv.Atoi(string(m[1]))
		}
		select {
		case err := <-ended:
			ticker.Stop()
			if err != nil || peak == 0 || peak > most {
				t.Errorf("it took %d kB of memory and ended with %v, want at most %d kB and no error", peak, err, most)
			}
			t.Logf("%d kB of memory", peak)
			return
		case <-ticker.C:
		}
	}
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)
