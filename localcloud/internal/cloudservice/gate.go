package cloudservice

import (
	"io"
	"log/slog"
	"net"
	"sync"
	"time"
)

// blockedFor is how long a connection without a way hangs before it is given
// up: longer than any client waits.
const blockedFor = 2 * time.Minute

// gate is a listener that passes on the connections that have a way. The others
// hang, and are never seen by the server.
type gate struct {
	net.Listener
	allow func(net.Conn) error
	log   *slog.Logger

	passed chan net.Conn
	failed chan error
	once   sync.Once
	closed chan struct{}
}

func newGate(l net.Listener, allow func(net.Conn) error, log *slog.Logger) *gate {
	g := &gate{Listener: l, allow: allow, log: log, passed: make(chan net.Conn), failed: make(chan error, 1), closed: make(chan struct{})}
	go g.run()
	return g
}

func (g *gate) run() {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			g.failed <- err
			return
		}
		go g.check(conn)
	}
}

func (g *gate) check(conn net.Conn) {
	if err := g.allow(conn); err != nil {
		g.log.Info("connection has no way", "reason", err)
		hang(conn, g.closed)
		return
	}
	select {
	case g.passed <- conn:
	case <-g.closed:
		_ = conn.Close() // the server has ended
	}
}

// hang holds a connection open without answering until the client gives up.
func hang(conn net.Conn, closed <-chan struct{}) {
	defer conn.Close()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_ = conn.SetReadDeadline(time.Now().Add(blockedFor))
		_, _ = io.Copy(io.Discard, conn) // until it closes, or the deadline
	}()
	select {
	case <-gone:
	case <-closed:
	}
}

// Accept answers the next connection that has a way.
func (g *gate) Accept() (net.Conn, error) {
	select {
	case conn := <-g.passed:
		return conn, nil
	case err := <-g.failed:
		return nil, err
	}
}

// Close ends the listener and what hangs in it.
func (g *gate) Close() error {
	g.once.Do(func() { close(g.closed) })
	return g.Listener.Close()
}
