// Package console is the page on which people see a daemon's worlds and break
// them: zones, instances, load, databases, faults and what happened.
//
// It has no state and decides nothing. What it shows it asks a Source for, once
// a second for all who look and not at all while nobody does; what it changes
// are faults, through the same door as the command line.
//
// Two things surprise:
//
//   - It listens on loopback, which any page in any browser of this machine can
//     reach. So a request must name the console as its host, which a name that
//     was bound to 127.0.0.1 afterwards does not, and must not come from another
//     origin; one that changes something must prove that it comes from the
//     page. See guard.
//   - The page asks no other host for anything, and a policy keeps it from
//     doing so. All of it is embedded, and nothing of it is built.
//
// It leaves out who may look: whoever has an account on the machine may, as may
// every process of it.
package console

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"orchard/localcloud/internal/world"
)

// Report is what a daemon says of itself and its worlds.
type Report struct {
	PID       int            `json:"pid"`
	Version   string         `json:"version"`
	TimeScale float64        `json:"timeScale"`
	Worlds    []world.Status `json:"worlds"`

	// DatabaseDetection is 0 where the cloud's documented time is taken.
	DatabaseDetection time.Duration `json:"databaseDetection,omitempty"`
}

// Source is whose worlds are shown: a daemon.
type Source interface {
	// Report may take seconds when a database does not answer.
	Report() Report
	// World is the world of a stack that is up.
	World(stack string) (World, bool)
}

// World is what the console asks of a world and does to it.
type World interface {
	History(after int64) []world.Sample
	Events(after int) []world.Event
	Inject(kind, target string, lasting time.Duration) (world.Fault, error)
	Revert(id string) error
}

//go:embed page
var page embed.FS

// Serve answers browsers on a listener of loopback until ctx ends.
func Serve(ctx context.Context, l net.Listener, source Source, log *slog.Logger) error {
	address, ok := l.Addr().(*net.TCPAddr)
	if !ok || !address.IP.IsLoopback() {
		return errors.Join(fmt.Errorf("serve console: %s is not an address of loopback", l.Addr()), l.Close())
	}
	server := &http.Server{
		Handler:           handler(address.Port, source, log),
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
		BaseContext:       func(net.Listener) context.Context { return ctx }, // streams end with it
	}
	ended := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if server.Shutdown(bounded) != nil {
			ended <- server.Close() // whoever has not read the answer by now
			return
		}
		ended <- nil
	})
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve console: %w", err)
	}
	return <-ended
}

func handler(port int, source Source, log *slog.Logger) http.Handler {
	a := &api{source: source, log: log, reports: reports{ask: source.Report, log: log}, viewers: make(chan struct{}, maxViewers)}
	mux := http.NewServeMux()
	mux.Handle("GET /", files())
	mux.HandleFunc("GET /api/status", a.status)
	mux.HandleFunc("GET /api/history", a.history)
	mux.HandleFunc("GET /api/events", a.events)
	mux.HandleFunc("GET /api/stream", a.stream)
	mux.HandleFunc("GET /api/faults", a.kinds)
	mux.HandleFunc("POST /api/faults", a.inject)
	mux.HandleFunc("DELETE /api/faults/{stack}/{id}", a.revert)
	return guard(port, mux)
}

// files serves the page. Its folders are not listed.
func files() http.Handler {
	root, err := fs.Sub(page, "page")
	if err != nil {
		panic(err) // the folder is part of this program
	}
	server := http.FileServerFS(root)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" && strings.HasSuffix(r.URL.Path, "/") {
			http.NotFound(w, r)
			return
		}
		server.ServeHTTP(w, r)
	})
}
