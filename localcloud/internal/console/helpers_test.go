package console

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"orchard/localcloud/internal/world"
)

// drawn is a source with one stack, "dev", that is only drawn: nothing runs.
type drawn struct {
	mu      sync.Mutex
	status  world.Status
	samples []world.Sample
	events  []world.Event
	down    bool // no stack is up
}

func (d *drawn) change(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
}

func (d *drawn) Report() Report {
	d.mu.Lock()
	defer d.mu.Unlock()
	report := Report{TimeScale: 10, Worlds: []world.Status{}}
	if !d.down {
		status := d.status
		status.Faults = slices.Clone(status.Faults)
		report.Worlds = append(report.Worlds, status)
	}
	return report
}

func (d *drawn) World(stack string) (World, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d, stack == "dev" && !d.down
}

func (d *drawn) History(after int64) []world.Sample {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(d.samples), func(s world.Sample) bool { return s.Time <= after })
}

func (d *drawn) Events(after int) []world.Event {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(d.events), func(e world.Event) bool { return e.Number <= after })
}

func (d *drawn) Inject(kind, target string, lasting time.Duration) (world.Fault, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if target == "nobody" {
		return world.Fault{}, errors.New("there is nobody")
	}
	now := time.Now()
	f := world.Fault{ID: "fault-1", Kind: kind, Target: target, Began: now, Until: now.Add(lasting)}
	d.status.Faults = append(d.status.Faults, f)
	d.events = append(d.events, world.Event{Number: len(d.events) + 1, Time: now, Kind: "fault", ID: f.ID, Message: "begins"})
	return f, nil
}

func (d *drawn) Revert(id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	left := slices.DeleteFunc(slices.Clone(d.status.Faults), func(f world.Fault) bool { return f.ID == id })
	if len(left) == len(d.status.Faults) {
		return errors.New("there is no fault " + id)
	}
	d.status.Faults = left
	return nil
}

// open serves the console of a source and returns its address, host:port.
func open(t *testing.T, source Source) string {
	t.Helper()
	address, _ := serve(t, source, "127.0.0.1:0")
	return address.String()
}

// serve serves the console of a source at an address until it is stopped, at
// the latest at the end of the test.
func serve(t *testing.T, source Source, address string) (at net.Addr, stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, source, slog.New(slog.DiscardHandler)) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	t.Cleanup(stop)
	return l.Addr(), stop
}

// ask makes a request as the page would, with the headers changed: an empty
// value takes one away, and Host is one of them.
func ask(t *testing.T, address, method, path, body string, headers map[string]string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if method != http.MethodGet {
		req.Header.Set("Origin", "http://"+address)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set(ownHeader, "1")
	}
	for name, value := range headers {
		switch {
		case name == "Host":
			req.Host = value
		case value == "":
			req.Header.Del(name)
		default:
			req.Header.Set(name, value)
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}
