// Package e2e takes the real program up on this machine through make, as a
// person would, and breaks what runs. It needs what `make build` builds.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"orchard/localcloud/internal/daemon"
)

// stack drives one stack of the checkout through make, as a person would, in a
// state folder of its own.
type stack struct {
	t     *testing.T
	root  string        // of the checkout
	state daemon.Folder // of the daemon
	vars  []string      // make variables
	env   []string      // besides the test's own
	url   string        // after up
	token string        // that writes need; after up
}

func newStack(t *testing.T, vars ...string) *stack {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	// Not t.TempDir: other users must be able to pass it, and it must be short.
	dir, err := os.MkdirTemp("/var/tmp", "localcloud-e2e-")
	if err != nil {
		t.Fatal(err)
	}
	s := &stack{t: t, root: root, state: daemon.Folder(filepath.Join(dir, "s")), vars: vars}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			s.tell()
		}
		out, err := s.command(context.Background(), filepath.Join(root, "bin/localcloud"), "reset").CombinedOutput()
		if err != nil {
			t.Errorf("reset: %v\n%s", err, out)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return s
}

// tell logs what the daemon said last, for a test that failed.
func (s *stack) tell() {
	said, err := os.ReadFile(s.state.Log())
	if err != nil {
		s.t.Logf("the daemon has left no log: %v", err)
		return
	}
	lines := strings.Split(strings.TrimSpace(string(said)), "\n")
	s.t.Logf("the daemon's last words:\n%s", strings.Join(lines[max(0, len(lines)-60):], "\n"))
}

func (s *stack) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = s.root
	cmd.Env = append(append(os.Environ(), "LOCALCLOUD_STATE="+string(s.state)), s.env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(unix.SIGINT) }
	cmd.WaitDelay = 30 * time.Second
	return cmd
}

// try runs a make target and answers what it printed to stdout and to both.
func (s *stack) try(target string, vars ...string) (stdout, both string, err error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 5*time.Minute)
	defer cancel()
	args := append([]string{"--no-print-directory", target}, s.vars...)
	cmd := s.command(ctx, "make", append(args, vars...)...)
	var out, all transcript
	cmd.Stdout = io.MultiWriter(&out, &all)
	cmd.Stderr = &all
	err = cmd.Run()
	return out.String(), all.String(), err
}

// transcript is a buffer that two streams write to.
type transcript struct {
	mu   sync.Mutex
	text strings.Builder
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

func (s *stack) make(target string, vars ...string) string {
	s.t.Helper()
	out, both, err := s.try(target, vars...)
	if err != nil {
		s.t.Fatalf("make %s %s: %v\n%s", target, strings.Join(vars, " "), err, both)
	}
	return out
}

var lastLine = regexp.MustCompile(`(?m)^url: (https?://\S+)\s*\z`)

// up brings the stack up and answers what was printed.
func (s *stack) up(vars ...string) string {
	s.t.Helper()
	_, both, err := s.try("up", vars...)
	if err != nil {
		s.t.Fatalf("make up %s: %v\n%s", strings.Join(vars, " "), err, both)
	}
	m := lastLine.FindStringSubmatch(both)
	if m == nil {
		s.t.Fatalf("make up: the last line is no url:\n%s", both)
	}
	s.url = strings.TrimSuffix(m[1], "/")
	s.token = strings.TrimSuffix(s.make("token"), "\n")
	if len(s.token) != 64 {
		s.t.Errorf("make token: got %q, want 32 bytes in hexadecimal and nothing else", s.token)
	}
	return both
}

func (s *stack) status() daemon.Report {
	s.t.Helper()
	report, err := s.state.Status(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return report
}

// ask makes a request through the load balancer, on a connection of its own.
func (s *stack) ask(method, path, body string) (int, http.Header, string) {
	s.t.Helper()
	status, header, text, err := s.tryAsk(method, path, body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return status, header, text
}

func (s *stack) tryAsk(method, path, body string) (int, http.Header, string, error) {
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, "", err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(text), err
}

// eventually waits until ok, looking again each time the world may have moved.
func (s *stack) eventually(what string, within time.Duration, ok func() (bool, string)) {
	s.t.Helper()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	var seen string
	for {
		var done bool
		if done, seen = ok(); done {
			return
		}
		select {
		case <-ticker.C:
		case <-deadline.C:
			s.t.Fatalf("%s: not within %s; last seen: %s", what, within, seen)
		}
	}
}

func (s *stack) outputs() map[string]any {
	s.t.Helper()
	var out map[string]any
	text := s.make("outputs")
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		s.t.Fatalf("make outputs prints no JSON: %v\n%s", err, text)
	}
	return out
}

// kill ends processes at once.
func kill(t *testing.T, pids ...int) {
	t.Helper()
	for _, pid := range pids {
		if err := unix.Kill(pid, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
			t.Fatalf("kill %d: %v", pid, err)
		}
	}
}

// processes are the processes of the machine that live in the state folder, by
// their process id, with their start time: the same pair is the same process.
func (s *stack) processes() map[int]string {
	s.t.Helper()
	found := map[int]string{}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		for _, file := range []string{"cmdline", "environ"} {
			text, err := os.ReadFile(filepath.Join("/proc", entry.Name(), file))
			if err == nil && bytes.Contains(text, []byte(string(s.state)+"/")) {
				found[pid] = startTime(pid)
			}
		}
		if cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); err == nil && strings.HasPrefix(cwd, string(s.state)+"/") {
			found[pid] = startTime(pid)
		}
	}
	return found
}

// describe names processes for a message.
func describe(pids map[int]string) string {
	var out []string
	for pid := range pids {
		line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // it may be gone by now
		out = append(out, fmt.Sprintf("%d %s", pid, strings.ReplaceAll(string(line), "\x00", " ")))
	}
	return strings.Join(out, "\n")
}

func startTime(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	return fields[19]
}
