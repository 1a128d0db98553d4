package machine_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"orchard/localcloud/internal/machine"
	"orchard/localcloud/internal/machine/proc"
)

var addresses atomic.Int32

// folder makes a short folder that an unprivileged user can enter, unlike
// those of testing.T.
func folder(t testing.TB) string {
	t.Helper()
	path, err := os.MkdirTemp("", "lc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(path) })
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// store is shared by all tests: the program is the same.
func spec(t testing.TB, script string) machine.Spec {
	t.Helper()
	base := folder(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	n := addresses.Add(1)
	return machine.Spec{
		ID: fmt.Sprintf("i-%d-%d", os.Getpid(), n), Zone: "eu-1a",
		Address: fmt.Sprintf("127.251.%d.%d", os.Getpid()%250+1, n+3),
		Dir:     filepath.Join(base, "i"), UserData: []byte(script),
		Env:      []string{"GREETING=hello"},
		Files:    map[string][]byte{"curl/.curlrc": []byte("connect-timeout = 5\n")},
		Commands: []string{"systemctl", "aws", "test-server"}, Executable: self, Store: filepath.Join(base, "store"),
	}
}

// start starts an instance and leaves nothing of it after the test.
func start(t testing.TB, s machine.Spec) *machine.Handle {
	t.Helper()
	record, err := machine.Start(s)
	if err != nil {
		t.Fatal(err)
	}
	h, err := machine.Adopt(record)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			console, _ := os.ReadFile(filepath.Join(s.Dir, "console.log"))
			t.Logf("console of %s:\n%s", s.ID, console)
		}
		if err := h.Kill(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// eventually waits for a condition of the outside world.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			t.Fatalf("waited 20 s in vain: %s", what)
		case <-tick.C:
		}
	}
}

// booted waits for the end of the user-data.
func booted(t testing.TB, h *machine.Handle) machine.State {
	t.Helper()
	var state machine.State
	eventually(t, "the user-data ends", func() bool {
		var err error
		if state, err = h.Status(); err != nil {
			t.Fatal(err)
		}
		return state.Phase != machine.Booting
	})
	return state
}

func get(t testing.TB, address, path string) (string, error) {
	t.Helper()
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + address + ":8080" + path)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}

// mustGet is get for answers that must come.
func mustGet(t testing.TB, address, path string) string {
	t.Helper()
	text, err := get(t, address, path)
	if err != nil {
		t.Fatalf("GET %s%s: %v", address, path, err)
	}
	return text
}

// left lists the living processes that show the instance's folder or id.
func left(t testing.TB, id string) []string {
	t.Helper()
	all, err := proc.All()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, s := range all {
		if marker, _ := proc.Env(s.PID, "LOCALCLOUD_INSTANCE"); marker == id && !s.Dead() {
			line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", s.PID))
			found = append(found, fmt.Sprintf("%d %s", s.PID, strings.ReplaceAll(string(line), "\x00", " ")))
		}
	}
	return found
}

func alive(pid int) bool {
	s, err := proc.Read(pid)
	return err == nil && !s.Dead()
}
