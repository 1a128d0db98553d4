package drill

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// deployPatience is how long a command that deploys may take.
const deployPatience = 5 * time.Minute

// makeRelease writes the release that a drill rolls out: the binary that is up with
// something after its end, which runs under another digest, or a program that ends at
// once.
func makeRelease(which, binary, path string) error {
	addition := []byte("\nanother release, of " + time.Now().UTC().Format(time.RFC3339Nano) + "\n")
	if which == "bad" {
		binary = "/bin/false"
	}
	text, err := os.ReadFile(binary)
	if err != nil {
		return fmt.Errorf("make %s release: %w", which, err)
	}
	if err := os.WriteFile(path, append(text, addition...), 0o755); err != nil {
		return fmt.Errorf("make %s release: %w", which, err)
	}
	return nil
}

// deploy is the command that rolls a release out.
func deploy(argv []string, release string) []string {
	return append(append([]string{}, argv...), "RELEASE="+release)
}

// command runs a command to its end. It ends when this process does, however that is.
func command(ctx context.Context, argv []string) error {
	ctx, cancel := context.WithTimeout(ctx, deployPatience)
	defer cancel()
	runtime.LockOSThread() // the signal comes with the end of the thread
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 30 * time.Second
	if err := cmd.Run(); err != nil {
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		return fmt.Errorf("run %s: %w: %s", strings.Join(argv, " "), err, strings.Join(lines[max(0, len(lines)-5):], " | "))
	}
	return nil
}
