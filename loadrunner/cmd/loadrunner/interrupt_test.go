package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// drilling is a drill in a process of its own.
type drilling struct {
	cmd    *exec.Cmd
	folder string // of its results
	said   bytes.Buffer
	ended  chan error
}

// startDrill runs the built command against a service. deploy is its command for
// releases.
func startDrill(t *testing.T, name, state, url string, deploy ...string) *drilling {
	t.Helper()
	d := &drilling{folder: t.TempDir(), ended: make(chan error, 1)}
	args := []string{"drill", "run", filepath.Join("../../drills", name+".yaml"), "--state", state, "--url", url, "--out", d.folder, "--release", "/bin/true"}
	d.cmd = exec.CommandContext(t.Context(), build(t), append(append(args, "--"), deploy...)...)
	d.cmd.Env = append(os.Environ(), "ORCHARD_WRITE_TOKEN=secret")
	d.cmd.Stdout, d.cmd.Stderr = &d.said, &d.said
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { d.ended <- d.cmd.Wait() }()
	return d
}

// until waits for what the drill does, which does not end before it.
func (d *drilling) until(t *testing.T, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case err := <-d.ended:
		t.Fatalf("the drill has ended too soon, with %v:\n%s", err, &d.said)
	}
}

// interrupt sends SIGINT, and holds the drill to its promise: it ends with status 2,
// and no undo and no release is left.
func (d *drilling) interrupt(t *testing.T) {
	t.Helper()
	if err := d.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	err := <-d.ended
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(d.said.String(), "was stopped") {
		t.Errorf("an interrupted drill: got %v, want exit status 2 and that it was stopped:\n%s", err, &d.said)
	}
	for _, pattern := range []string{"undo-*", "release-*", "*.json"} {
		if left, err := filepath.Glob(filepath.Join(d.folder, pattern)); err != nil || len(left) > 0 {
			t.Errorf("left behind: got %v, %v, want nothing", left, err)
		}
	}
}

// TestDrillInterrupted interrupts a drill at the moment at which it asks for its fault.
func TestDrillInterrupted(t *testing.T) {
	t.Parallel()
	var daemon scripted
	d := startDrill(t, "zone-loss", daemon.serve(t), agreeable(t, 0))
	d.until(t, daemon.broken)
	d.interrupt(t)
	if diff := cmp.Diff([]string{"zone-down of a", "end"}, daemon.asked); diff != "" || len(daemon.faults) > 0 {
		t.Errorf("faults %v in force; what the daemon was asked for (-want +got):\n%s", daemon.faults, diff)
	}
}

// TestSteadyStateLater holds a drill on a service that fails at first: the steady state
// is waited for, and then the drill goes on.
func TestSteadyStateLater(t *testing.T) {
	t.Parallel()
	var daemon scripted
	d := startDrill(t, "zone-loss", daemon.serve(t), agreeable(t, 5))
	d.until(t, daemon.broken)
	d.interrupt(t)
	if want := "no steady state yet: errors <= 0% is missed"; strings.Count(d.said.String(), want) != 1 {
		t.Errorf("a service that fails five requests and no more: got %s, want %q once", &d.said, want)
	}
}

// TestRollOutInterrupted interrupts a drill while the command that deploys runs. It has
// ended then, and the release of before is deployed again.
func TestRollOutInterrupted(t *testing.T) {
	t.Parallel()
	var daemon scripted
	folder := t.TempDir()
	log, script := filepath.Join(folder, "log"), filepath.Join(folder, "deploy")
	if err := syscall.Mkfifo(log, 0o600); err != nil {
		t.Fatal(err)
	}
	text := "#!/bin/sh\necho \"$$ $1\" >" + log + "\ncase \"$1\" in *-good) exec sleep 600 ;; esac\n"
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	pipe, err := os.OpenFile(log, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	d := startDrill(t, "good-release", daemon.serve(t), agreeable(t, 0), script)
	var pid int
	var release string
	deployed := make(chan struct{})
	go func() {
		defer close(deployed)
		_, _ = fmt.Fscanln(pipe, &pid, &release) // compared below
	}()
	d.until(t, deployed)
	d.interrupt(t)
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the command that deploys, process %d: got %v, want that there is none", pid, err)
	}
	var again string
	if _, err := fmt.Fscanln(pipe, &pid, &again); err != nil {
		t.Fatal(err)
	}
	want := []string{"RELEASE=" + filepath.Join(d.folder, "release-dev-good"), "RELEASE=/bin/true"}
	if diff := cmp.Diff(want, []string{release, again}); diff != "" {
		t.Errorf("what was deployed (-want +got):\n%s", diff)
	}
}
