package balancer

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"
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

// closedTurn is the turn of a session that serves no request any more.
const closedTurn = 1 << 63

// begin starts a request, unless the session has been closed meanwhile.
func (s *session) begin() bool {
	n := s.turn.Load()
	return n&1 == 1 || n != closedTurn && s.turn.CompareAndSwap(n, n+1)
}

// end ends it.
func (s *session) end() { s.turn.Add(1) }

// closeIdle closes a session that serves no request.
func (s *session) closeIdle() {
	if n := s.turn.Load(); n&1 == 0 && s.turn.CompareAndSwap(n, closedTurn) {
		s.conn.Close()
	}
}

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

// silently stands for the status of a client that is owed no answer.
const silently = -1

// receive reads the head of a request. The status is the answer to what is
// none, 0 for a request.
func (s *session) receive() (status int) {
	for seen := 0; ; {
		if !s.in.empty() && !s.begin() {
			return silently
		}
		n, err := headLength(s.in.bytes(), seen)
		if err == nil && n > 0 {
			return s.parse(n)
		}
		if seen = len(s.in.bytes()); err == nil {
			err = s.in.fill(maxRequestHeader)
		}
		if err != nil {
			return s.unread(err)
		}
	}
}

func (s *session) parse(n int) (status int) {
	err := s.request.parse(s.in.bytes()[:n])
	s.in.use(n)
	switch {
	case errors.Is(err, errProtocol):
		s.listener.requests.Add(1)
		return StatusProtocolMismatch
	case err != nil:
		s.debug("request refused", err)
		return http.StatusBadRequest
	}
	s.body = s.request.framing()
	return 0
}

// unread is the status for a request of which the head could not be read.
// A client that has not begun one is owed no answer.
func (s *session) unread(err error) int {
	switch {
	case s.in.empty(), errors.Is(err, net.ErrClosed), errors.Is(err, io.EOF):
		return silently
	case errors.Is(err, os.ErrDeadlineExceeded):
		return http.StatusRequestTimeout
	case errors.Is(err, errTooLong), errors.Is(err, errLineEnd):
		return http.StatusBadRequest
	}
	return silently
}

// refuse answers a client that the balancer understands no further.
func (s *session) refuse(status int) {
	s.answer(status, false, false)
	s.linger()
}

// lingerTimeout is how long a client may take to read the last answer.
const lingerTimeout = 500 * time.Millisecond

// linger lets the client read what was written: closing a connection on which
// it still sends would reset it, and lose the answer on its way.
func (s *session) linger() {
	s.conn.stopReading()
	if half, ok := s.conn.Conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // one that refuses is broken, as the next read says
	}
	_ = s.conn.SetDeadline(time.Now().Add(lingerTimeout))
	_, _ = io.Copy(io.Discard, s.conn.Conn)
}

func (s *session) debug(message string, err error) {
	s.listener.config.Logger.Debug(message, "listener", s.listener.Address(), "client", s.socket.RemoteAddr(), "error", err)
}
