package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/loadrunner/internal/drill/control"
)

// scripted answers as a local cloud's daemon does about a stack that is well, and
// closes broken as soon as a fault is asked for. The fault is in force a moment later,
// whether or not the one who asked has waited for it.
type scripted struct {
	broken chan struct{}

	mu     sync.Mutex
	faults []control.Fault
	asked  []string
}

func (d *scripted) serve(t *testing.T) (state string) {
	t.Helper()
	state = t.TempDir()
	l, err := net.Listen("unix", filepath.Join(state, "daemon.sock"))
	if err != nil {
		t.Fatal(err)
	}
	d.broken = make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", d.status)
	mux.HandleFunc("POST /worlds/dev/faults", d.inject)
	mux.HandleFunc("DELETE /worlds/dev/faults/fault-1", d.end)
	server := &http.Server{Handler: mux}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	return state
}

func (d *scripted) status(w http.ResponseWriter, _ *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	world := control.World{
		Stack: "dev", Cloud: "aws", Faults: d.faults,
		Groups:    []control.Group{{Name: "app", Min: 1, Desired: 1, Max: 1, Healthy: 1}},
		Instances: []control.Instance{{ID: "i-a", Zone: "a", State: "in service", Health: "healthy"}},
		Zones:     []control.Zone{{Name: "a", Healthy: 1}},
		Databases: []control.Database{{Name: "fruit", Servers: []control.Server{{Role: "primary", Zone: "a", PID: 1}}}},
	}
	_ = json.NewEncoder(w).Encode(control.Report{Worlds: []control.World{world}})
}

func (d *scripted) inject(w http.ResponseWriter, r *http.Request) {
	close(d.broken)
	select {
	case <-r.Context().Done(): // the one who asked is gone
		<-time.After(time.Second)
	case <-time.After(500 * time.Millisecond):
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	q := r.URL.Query()
	d.asked = append(d.asked, q.Get("kind")+" of "+q.Get("target"))
	d.faults = []control.Fault{{ID: "fault-1", Kind: q.Get("kind"), Target: q.Get("target")}}
	w.WriteHeader(http.StatusCreated)
}

func (d *scripted) end(w http.ResponseWriter, _ *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked, d.faults = append(d.asked, "end"), nil
	w.WriteHeader(http.StatusNoContent)
}

// agreeable returns the url of a service that acknowledges every write, and keeps none.
func agreeable(t *testing.T) string {
	t.Helper()
	var id atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPost:
			w.Header().Set("Location", fmt.Sprintf("/api/v1/fruit/%d/", id.Add(1)))
			w.WriteHeader(http.StatusCreated)
		case http.MethodPatch:
			w.WriteHeader(http.StatusAccepted)
		default:
			_, _ = io.WriteString(w, `{"objects": []}`)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// drilling is a drill in a process of its own.
type drilling struct {
	cmd    *exec.Cmd
	folder string // of its results
	said   bytes.Buffer
	ended  chan error
}

// startDrill runs the built command. deploy is its command for releases.
func startDrill(t *testing.T, name, state string, deploy ...string) *drilling {
	t.Helper()
	d := &drilling{folder: t.TempDir(), ended: make(chan error, 1)}
	args := []string{"drill", "run", filepath.Join("../../drills", name+".yaml"), "--state", state, "--url", agreeable(t), "--out", d.folder, "--release", "/bin/true"}
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
	d := startDrill(t, "zone-loss", daemon.serve(t))
	d.until(t, daemon.broken)
	d.interrupt(t)
	if diff := cmp.Diff([]string{"zone-down of a", "end"}, daemon.asked); diff != "" || len(daemon.faults) > 0 {
		t.Errorf("faults %v in force; what the daemon was asked for (-want +got):\n%s", daemon.faults, diff)
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
	d := startDrill(t, "good-release", daemon.serve(t), script)
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
