package world

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func resource(id string) Resource {
	return Resource{ID: id, URN: "urn:" + id, Cloud: "here", Type: "thing", Inputs: map[string]any{"name": id}}
}

func put(t *testing.T, w *World, r Resource) {
	t.Helper()
	if err := w.Put(t.Context(), r); err != nil {
		t.Fatalf("Put(%s): %v", r.ID, err)
	}
}

func TestResourcesSurviveTheDaemon(t *testing.T) {
	t.Parallel()
	folder := worldFolder(t)
	before := openWorld(t, folder)
	put(t, before, resource("one"))
	put(t, before, resource("two"))
	changed := resource("one")
	changed.Confirmed = true
	put(t, before, changed)
	host, err := before.Host(HostDatabase, "two")
	if err != nil {
		t.Fatal(err)
	}

	// Nothing is closed: this is what a killed daemon leaves.
	after := openWorld(t, folder)
	if diff := cmp.Diff(before.Resources(), after.Resources()); diff != "" {
		t.Errorf("resources after the daemon was killed (-before +after):\n%s", diff)
	}
	if got, want := after.Number(), before.Number(); got != want {
		t.Errorf("number after the daemon was killed: got %d, want %d", got, want)
	}
	again, err := after.Host(HostDatabase, "two")
	if err != nil || again != host {
		t.Errorf("host of a database after the daemon was killed: got %s (%v), want %s", again, err, host)
	}
	if _, ok := after.Unconfirmed("urn:one"); ok {
		t.Error("Unconfirmed finds a confirmed resource")
	}
	if r, ok := after.Unconfirmed("urn:two"); !ok || r.ID != "two" {
		t.Errorf("Unconfirmed(urn:two): got %v %v, want resource two", r.ID, ok)
	}
}

func TestRefusedResourceChangesNothing(t *testing.T) {
	t.Parallel()
	w := openWorld(t, worldFolder(t))
	put(t, w, resource("one"))
	before, err := os.ReadFile(filepath.Join(w.Folder(), StateFile))
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]Resource{
		"refused by the cloud": {ID: "two", Cloud: "here", Inputs: map[string]any{"refuse": "no such subnet"}},
		"of another cloud":     {ID: "two", Cloud: "there"},
	} {
		if err := w.Put(t.Context(), r); err == nil {
			t.Errorf("Put of a resource %s: got no error", name)
		}
	}
	after, err := os.ReadFile(filepath.Join(w.Folder(), StateFile))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(before), string(after)); diff != "" {
		t.Errorf("state file after refused resources (-before +after):\n%s", diff)
	}
	if _, ok := w.Lookup("two"); ok {
		t.Error("Lookup finds a refused resource")
	}
}

func TestRemoveGivesTheHostBack(t *testing.T) {
	t.Parallel()
	w := openWorld(t, worldFolder(t))
	put(t, w, resource("one"))
	first, err := w.Host(HostBalancer, "one")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Remove(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	if err := w.Remove(t.Context(), "one"); err != nil {
		t.Errorf("Remove of what is not there: %v", err)
	}
	second, err := w.Host(HostBalancer, "two")
	if err != nil {
		t.Fatal(err)
	}
	if first != second {
		t.Errorf("host after the one before was given back: got %s, want %s", second, first)
	}
}

func TestOpenRefusesStateItCannotUse(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"damaged":            "{",
		"of another version": `{"version": 99}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := worldFolder(t)
			if err := os.MkdirAll(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(folder, StateFile)
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Open(Options{}, folder, "test")
			if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "localcloud reset") {
				t.Errorf("Open of a %s state: got %v, want an error that names %s and the remedy", name, err, path)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != content {
				t.Errorf("the %s state file has been changed: %s (%v)", name, got, err)
			}
		})
	}
}

func TestWorldsHaveDifferentNumbers(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for range 3 {
		w := openWorld(t, worldFolder(t))
		if seen[w.Number()] {
			t.Errorf("two worlds have the number %d", w.Number())
		}
		seen[w.Number()] = true
	}
}

// A world whose folder was removed under its processes has no claim any more,
// but its addresses are taken all the same.
func TestNumberInUseIsNotClaimed(t *testing.T) {
	t.Parallel()
	first := openWorld(t, worldFolder(t))
	l, err := first.Listen("objects", first.Service(1))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	busy, err := busyNumbers()
	if err != nil {
		t.Fatal(err)
	}
	if !busy[first.Number()] {
		t.Errorf("numbers in use while %s is listened on: got %v, want %d among them", l.Addr(), busy, first.Number())
	}
}

func TestListenKeepsItsPort(t *testing.T) {
	t.Parallel()
	folder := worldFolder(t)
	w := openWorld(t, folder)
	first, err := w.Listen("objects", w.Service(1))
	if err != nil {
		t.Fatal(err)
	}
	address := first.Addr().String()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := openWorld(t, folder).Listen("objects", w.Service(1))
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if got := second.Addr().String(); got != address {
		t.Errorf("address for the same key after a restart: got %s, want %s", got, address)
	}
	if host, _, _ := net.SplitHostPort(address); !net.ParseIP(host).IsLoopback() {
		t.Errorf("address of a service: got %s, want one of 127.0.0.0/8", address)
	}
}
