package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"orchard/localcloud/internal/console"
	"orchard/localcloud/internal/world"
)

// Report is what a daemon says of itself and its worlds.
type Report = console.Report

// controlDrain is how long a daemon that ends lets commands read their answer.
const controlDrain = 2 * time.Second

func (d *Daemon) listenControl() (net.Listener, error) {
	path := d.cfg.Folder.Socket()
	// The folder's lock is ours, so a socket that is there is a dead daemon's.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listen for commands: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen for commands: %w", err)
	}
	return l, os.Chmod(path, 0o600)
}

func (d *Daemon) serveControl(ctx context.Context, l net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", d.answerStatus)
	mux.HandleFunc("POST /stop", d.answerStop)
	mux.HandleFunc("POST /worlds/{stack}/faults", d.inWorld(answerInject))
	mux.HandleFunc("DELETE /worlds/{stack}/faults/{id}", d.inWorld(answerRevert))
	mux.HandleFunc("POST /worlds/{stack}/databases/{name}/failover", d.inWorld(answerFailOver))
	mux.HandleFunc("PUT /worlds/{stack}/groups/{group}/desired", d.inWorld(answerDesired))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	// In an orderly way, because the request to stop wants its answer.
	ended := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), controlDrain)
		defer cancel()
		ended <- server.Shutdown(bounded)
	})
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve commands: %w", err)
	}
	return <-ended
}

func (d *Daemon) answerStatus(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(d.report()); err != nil {
		d.cfg.Log.Warn("cannot answer status", "error", err)
	}
}

func (d *Daemon) report() Report {
	report := Report{
		PID: os.Getpid(), Version: d.cfg.Version, Worlds: []world.Status{},
		TimeScale: d.cfg.World.TimeScale, DatabaseDetection: d.cfg.World.DatabaseDetection,
	}
	for _, w := range d.up() { // without the lock: a database that hangs makes it slow
		report.Worlds = append(report.Worlds, w.Status())
	}
	slices.SortFunc(report.Worlds, func(a, b world.Status) int { return strings.Compare(a.Stack, b.Stack) })
	return report
}

// up are the worlds that declare anything.
func (d *Daemon) up() []*world.World {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []*world.World
	for _, w := range d.worlds {
		if len(w.Resources()) > 0 {
			out = append(out, w)
		}
	}
	return out
}

// answerStop ends the daemon, and refuses where the client wants it ended only
// if it has nothing to do.
func (d *Daemon) answerStop(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("if") == "idle" && !d.idle() {
		http.Error(w, "a stack is still up", http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	d.stop()
}
