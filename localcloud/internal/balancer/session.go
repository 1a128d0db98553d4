package balancer

import (
	"context"
	"crypto/tls"
	"net"
	"strconv"
	"sync/atomic"
)

// session is a client's connection. One goroutine serves its requests, one
// after another; what the client sends ahead waits in the buffer.
type session struct {
	listener *Listener
	number   uint64 // of the connections that the listener has accepted
	conn     conn
	socket   net.Conn // below TLS
	in       buffer
	out      []byte // what is about to be written, to either side
	trace    []byte // the forwarded fields, from the client's address on
	ctx      context.Context
	cancel   context.CancelFunc

	request requestHead
	body    framing // of the request
	x       exchange

	turn    atomic.Uint64            // odd while a request is served; see begin
	awaited atomic.Pointer[backConn] // whose bytes the session waits for
	seen    uint64                   // the watch's: turn at the last look
}

func (l *Listener) newSession(c net.Conn) *session {
	s := &session{listener: l, socket: c, number: l.accepted.Add(1)}
	s.conn.Conn, s.conn.idle = c, l.config.IdleTimeout
	proto := "http"
	if l.tls != nil {
		s.conn.Conn, proto = tls.Server(c, l.tls), "https"
	}
	s.in = newBuffer(&s.conn)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.trace = traceOf(hostOf(c.RemoteAddr()), proto, portOf(l.socket.Addr()))
	return s
}

func hostOf(a net.Addr) string {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.IP.String()
	}
	return a.String()
}

func portOf(a net.Addr) string { return strconv.Itoa(a.(*net.TCPAddr).Port) }

// cut ends a session whatever it does.
func (s *session) cut() {
	s.cancel()
	s.conn.Close()
	if c := s.awaited.Swap(nil); c != nil {
		c.Close()
	}
}

// run serves requests until the client, the balancer or an error ends the
// connection.
func (s *session) run() {
	defer s.conn.Close()
	defer s.cancel()
	if !s.handshake() {
		return
	}
	for s.next() {
		s.end()
		if s.listener.closing.Load() {
			return // closeIdle may have looked before the end
		}
	}
}

// next serves a request, and reports whether another may follow it.
func (s *session) next() bool {
	if status := s.receive(); status != 0 {
		if status != silently {
			s.refuse(status)
		}
		return false
	}
	return s.serve()
}

func (s *session) debug(message string, err error) {
	s.listener.config.Logger.Debug(message, "listener", s.listener.Address(), "client", s.socket.RemoteAddr(), "error", err)
}
