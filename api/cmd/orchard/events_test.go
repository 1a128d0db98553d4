package main

import (
	"net/http"
	"net/http/httptrace"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// watch starts the service and the unit that watches for its machine's end.
func watch(t *testing.T, m *metadata, env []string) (service, watcher *process) {
	t.Helper()
	dir := t.TempDir()
	service = serve(t, append(env, "RUNTIME_DIRECTORY="+dir), nil)
	watcher = start(t, append(env, m.environment(), "ORCHARD_ADMIN_SOCKET="+filepath.Join(dir, "admin.sock")), nil, binary, "events")
	watcher.await("watching scheduled events")
	return service, watcher
}

// The whole of it: the drain begins, lasts as long as it is told, is approved
// once, and the service goes on.
func TestTerminateEventDrains(t *testing.T) {
	t.Parallel()
	m := newMetadata(t, nil)
	m.announce("of-another", "i-11")
	service, watcher := watch(t, m, append(migrated(t), "ORCHARD_DRAIN_WAIT=2s"))
	if got := status(t, service.url+"/livez"); got != 200 {
		t.Fatalf("/livez: got %d, want 200", got)
	}
	m.announce("of-this", "I-1")
	service.await("draining")
	begun := time.Now()
	if got := status(t, service.url+"/livez"); got != 503 {
		t.Errorf("/livez: got %d, want 503", got)
	}
	select {
	case ids := <-m.approved:
		if took := time.Since(begun); !slices.Equal(ids, []string{"of-this"}) || took < 1900*time.Millisecond {
			t.Errorf("approved: got %v after %s, want [of-this] after 2s", ids, took)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was approved")
	}
	watcher.await("termination approved")
	if got := status(t, service.url+"/api/v1/fruit/"); got != 200 {
		t.Errorf("list after the approval: got %d, want 200", got)
	}
	for _, p := range []*process{watcher, service} {
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := p.exit(); err != nil {
			t.Errorf("exit of %v: got %v, want 0", p.cmd.Args, err)
		}
	}
	if n := len(m.approved); n != 0 {
		t.Errorf("further approvals: got %d, want 0", n)
	}
}

// A connection that is used while the service drains is closed by its answer,
// one that is not is closed at the end of the wait.
func TestDrainClosesKeepAliveConnections(t *testing.T) {
	t.Parallel()
	m := newMetadata(t, nil)
	service, _ := watch(t, m, append(migrated(t), "ORCHARD_DRAIN_WAIT=1s"))
	idle, used := newIdle(t, service.url), newIdle(t, service.url)
	m.announce("e", "i-1")
	service.await("draining")
	if fresh, closes := used(); fresh || !closes {
		t.Errorf("answer on a kept connection: got fresh %t, closing %t; want false, true", fresh, closes)
	}
	service.await("closed idle connections")
	if fresh, _ := idle(); !fresh {
		t.Error("a connection that was idle for the whole wait is open still")
	}
}

// newIdle leaves a connection idle. ask uses it, or a fresh one if it was closed.
func newIdle(t *testing.T, url string) (ask func() (fresh, closes bool)) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	ask = func() (fresh, closes bool) {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, url+"/version", nil)
		if err != nil {
			t.Fatal(err)
		}
		trace := &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { fresh = !c.Reused }}
		resp, err := client.Do(r.WithContext(httptrace.WithClientTrace(t.Context(), trace)))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var body strings.Builder
		if err := resp.Write(&body); err != nil { // read to its end, so that the connection can be kept
			t.Fatal(err)
		}
		return fresh, resp.Close
	}
	ask()
	return ask
}

// A metadata service that fails, and a service that is started anew while its
// machine goes, are both borne.
func TestEventsBearFailures(t *testing.T) {
	t.Parallel()
	m, dir := newMetadata(t, nil), t.TempDir()
	m.setBroken(true)
	env := append(migrated(t), "RUNTIME_DIRECTORY="+dir)
	socket := filepath.Join(dir, "admin.sock")
	watcher := start(t, append(env, m.environment(), "ORCHARD_ADMIN_SOCKET="+socket), nil, binary, "events")
	if line := watcher.await("could not handle scheduled events"); !strings.Contains(line["error"].(string), "status 500") {
		t.Errorf("error: got %v, want one with status 500", line["error"])
	}
	m.announce("e", "i-1")
	m.setBroken(false)
	if line := watcher.await("could not handle scheduled events"); !strings.Contains(line["error"].(string), "begin drain") {
		t.Errorf("error without a service: got %v, want one that names the drain", line["error"])
	}
	first := serve(t, env, nil)
	first.await("draining")
	watcher.await("termination approved")
	if err := first.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-first.ended
	second := serve(t, env, nil)
	second.await("draining")
	if got := status(t, second.url+"/livez"); got != 503 {
		t.Errorf("/livez of a service that was started while its machine goes: got %d, want 503", got)
	}
}
