package drill

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orchard/loadrunner/internal/drill/control"
)

// daemon answers as a local cloud's daemon does, with faults in force.
type daemon struct {
	mu     sync.Mutex
	faults []control.Fault
	ended  []string
}

func (d *daemon) serve(t *testing.T) *control.Client {
	t.Helper()
	state := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(state, "daemon.sock"))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		d.mu.Lock()
		defer d.mu.Unlock()
		world := sample()
		world.Faults = d.faults
		_ = json.NewEncoder(w).Encode(control.Report{Worlds: []control.World{world}})
	})
	mux.HandleFunc("DELETE /worlds/dev/faults/{id}", func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.ended = append(d.ended, r.PathValue("id"))
		w.WriteHeader(http.StatusNoContent)
	})
	server := &http.Server{Handler: mux}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	return control.New(state, "dev")
}

// TestClean undoes what a drill has left that was killed, and leaves alone what
// somebody else broke.
func TestClean(t *testing.T) {
	t.Parallel()
	d := &daemon{faults: []control.Fault{
		{ID: "fault-1", Kind: "zone-down", Target: "a"},
		{ID: "fault-2", Kind: "zone-down", Target: "b"},
		{ID: "fault-3", Kind: "instance-hang", Target: "i-a"},
	}}
	client, folder := d.serve(t), t.TempDir()
	made := filepath.Join(folder, "release-good")
	if err := os.WriteFile(made, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	j := journalOf(folder, "dev")
	for _, u := range []Undo{{Fault: "zone-down", Target: "a"}, {Argv: []string{"touch", filepath.Join(folder, "deployed")}, Remove: made}} {
		if err := j.add(u); err != nil {
			t.Fatal(err)
		}
	}
	if err := Clean(t.Context(), folder, client); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"fault-1"}, d.ended); diff != "" {
		t.Errorf("faults that were ended (-want +got):\n%s", diff)
	}
	left, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{filepath.Join(folder, "deployed")}, left); diff != "" {
		t.Errorf("files that are left (-want +got):\n%s", diff)
	}
	if err := Clean(t.Context(), folder, client); err != nil || len(d.ended) != 1 {
		t.Errorf("Clean again: got %v and %v ended, want nothing done", err, d.ended)
	}
}

// TestCleanKeepsWhatItCannotUndo leaves the undos for the next time.
func TestCleanKeepsWhatItCannotUndo(t *testing.T) {
	t.Parallel()
	client, folder := (&daemon{}).serve(t), t.TempDir()
	j := journalOf(folder, "dev")
	want := []Undo{{Argv: []string{"false"}}}
	if err := j.add(want[0]); err != nil {
		t.Fatal(err)
	}
	if err := Clean(t.Context(), folder, client); err == nil {
		t.Error("Clean with a command that fails: got no error")
	}
	got, err := j.read()
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("undos that are left: %v (-want +got):\n%s", err, diff)
	}
}
