// Package server runs the service: it listens, serves, and on its context's
// end drains in a fixed order.
//
//	/livez answers 503          balancers begin to look elsewhere
//	wait DrainWait              they have noticed; answers say Connection: close
//	stop accepting              what has been connected is still taken in
//	finish                      every request that was accepted is answered
//	close the pool
//
// POST /drain on the admin socket takes the first two steps alone, for a
// machine that is about to be deleted; see drain.
//
// What surprises: under systemd's socket activation the listening socket
// belongs to the init system, so connections that arrive between two runs of
// the service wait in its queue and none is refused. A socket of our own is
// emptied before it is closed, see patient. Linux only.
package server

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"orchard/api/internal/database"
	"orchard/api/internal/metrics"
	"orchard/api/internal/release"
	"orchard/api/internal/settings"
	"orchard/api/internal/store"
	"orchard/api/internal/web"
)

const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second // a whole request, body included
	writeTimeout      = 45 * time.Second // above twice the wait for a failing-over database
	idleTimeout       = 120 * time.Second
	finishTimeout     = 45 * time.Second // for requests under way when the drain ends
	maxHeaderBytes    = 16 << 10
)

// Run serves until ctx ends and then drains. Its error is nil after a drain
// that finished every request.
func Run(ctx context.Context, s settings.Serve, log *slog.Logger) error {
	pool, err := database.Open(context.WithoutCancel(ctx), s.Database)
	if err != nil {
		return err
	}
	defer pool.Close()
	sockets, err := listen(s.Listen)
	if err != nil {
		return err
	}
	defer sockets.close()
	secure, err := tlsConfig(s.TLS, time.Now(), log)
	if err != nil {
		return err
	}
	d := &drain{wait: s.DrainWait}
	fruits, counts := store.New(pool), metrics.New(pool)
	srv := newHTTPServer(log, web.New(web.Config{
		Store: fruits, Metrics: counts, Log: log, Instance: s.Instance, Zone: s.Zone,
		Draining: d.underway, WriteTokenSHA256: s.WriteTokenSHA256,
	}))
	conns := newConnections()
	srv.ConnState = conns.track
	if s.RuntimeDirectory != "" {
		stop, err := serveAdmin(s.RuntimeDirectory, counts.Handler(), func() { d.leave(srv, log) })
		if err != nil {
			return err
		}
		defer stop()
	}
	go func() { _, _ = release.Read() }() // /version reports its error
	go forgetKeys(ctx, fruits, log)
	failed := sockets.serve(srv, secure, log)
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	return d.finish(sockets, conns, srv, log)
}

func newHTTPServer(log *slog.Logger, h http.Handler) *http.Server {
	return &http.Server{
		Handler:                      h,
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            readHeaderTimeout,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxHeaderBytes,
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// forgetInterval is how often old idempotency keys are removed.
const forgetInterval = 10 * time.Minute

func forgetKeys(ctx context.Context, fruits *store.Store, log *slog.Logger) {
	tick := time.NewTicker(forgetInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := fruits.ForgetKeys(ctx); err != nil && ctx.Err() == nil {
			log.Warn("could not forget idempotency keys", "error", err)
		}
	}
}

// sockets are the listeners of the service: passed ones, or one of our own.
type sockets struct {
	passed []net.Listener
	own    *patient
}

// listen takes the sockets that the init system passed, or else opens address.
func listen(address string) (*sockets, error) {
	passed, err := activated()
	if err != nil || passed != nil {
		return &sockets{passed: passed}, err
	}
	var config net.ListenConfig
	config.SetMultipathTCP(false) // its sockets take no filter, see patient
	l, err := config.Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on ORCHARD_LISTEN: %w", err)
	}
	return &sockets{own: newPatient(l.(*net.TCPListener))}, nil
}

func (s *sockets) all() []net.Listener {
	if s.own != nil {
		return []net.Listener{s.own}
	}
	return s.passed
}

// serve accepts on every socket. The result gets the error of each that ends.
func (s *sockets) serve(srv *http.Server, secure *tls.Config, log *slog.Logger) <-chan error {
	failed := make(chan error, len(s.all()))
	for _, l := range s.all() {
		log.Info("listening", "address", l.Addr().String(), "tls", secure != nil)
		if secure != nil {
			l = tls.NewListener(l, secure)
		}
		go func() { failed <- srv.Serve(l) }()
	}
	return failed
}

// stop ends accepting. A passed socket is closed here and stays open in its
// owner's hands, with what waits in its queue.
func (s *sockets) stop() (how string, err error) {
	if s.own == nil {
		s.close()
		return "left the socket to its owner", nil
	}
	filtered, err := s.own.stop()
	if !filtered {
		return "emptied the queue; this kernel filters no handshakes", err
	}
	return "filtered handshakes and emptied the queue", err
}

func (s *sockets) close() {
	for _, l := range s.all() {
		_ = l.Close() // a second close is no fault
	}
}
