package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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

// agreeable returns the url of a service that acknowledges every write, and keeps none,
// once it has failed so many requests.
func agreeable(t *testing.T, failing int64) string {
	t.Helper()
	var id, asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case asked.Add(1) <= failing:
			w.WriteHeader(http.StatusInternalServerError)
		case r.Method == http.MethodPost:
			w.Header().Set("Location", fmt.Sprintf("/api/v1/fruit/%d/", id.Add(1)))
			w.WriteHeader(http.StatusCreated)
		case r.Method == http.MethodPatch:
			w.WriteHeader(http.StatusAccepted)
		default:
			_, _ = io.WriteString(w, `{"objects": []}`)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}
