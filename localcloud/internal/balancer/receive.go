package balancer

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

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
