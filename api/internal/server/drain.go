package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// drain is the state that /livez tells: none, or begun at a time. It begins by
// the end of Run's context, or before that by the admin socket, for a machine
// that is about to be deleted.
type drain struct {
	wait  time.Duration
	begun atomic.Pointer[time.Time]
}

func (d *drain) underway() bool { return d.begun.Load() != nil }

// begin tells whether this call began the drain.
func (d *drain) begin(now time.Time) bool { return d.begun.CompareAndSwap(nil, &now) }

// left is how much of the wait is to come. The drain has begun.
func (d *drain) left(now time.Time) time.Duration {
	return max(0, d.wait-now.Sub(*d.begun.Load()))
}

// leave begins the drain and goes on serving: the machine's end is not this
// process's, which the init system would only start again. Answers say
// Connection: close from now on; connections that have been idle for the whole
// wait are closed after it. A second call does nothing.
func (d *drain) leave(srv *http.Server, log *slog.Logger) {
	if !d.begin(time.Now()) {
		return
	}
	log.Info("draining", "wait", d.wait.String(), "cause", "admin socket")
	time.AfterFunc(d.wait, func() {
		srv.SetKeepAlivesEnabled(false)
		log.Info("closed idle connections")
	})
}

// finish waits for what is left of the drain and ends the service.
func (d *drain) finish(sockets *sockets, conns *connections, srv *http.Server, log *slog.Logger) error {
	d.begin(time.Now())
	left := d.left(time.Now())
	log.Info("draining", "wait", left.String(), "cause", "signal")
	timer := time.NewTimer(left)
	defer timer.Stop()
	<-timer.C
	ctx, cancel := context.WithTimeout(context.Background(), finishTimeout)
	defer cancel()
	how, err := sockets.stop()
	if err != nil {
		return errors.Join(err, srv.Close())
	}
	log.Info("stopped accepting", "how", how)
	conns.quiet(ctx)
	if err := srv.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("finish requests: %w", err), srv.Close())
	}
	log.Info("drained")
	return nil
}
