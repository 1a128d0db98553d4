package balancer

import (
	"errors"
	"io"
	"net"
)

// relay passes the answer on to the client, and reports whether the connection
// can take another request.
func (s *session) relay() (again bool) {
	x := &s.x
	untilClose := x.body.untilClose()
	bare := x.body.chunked && s.request.minor == 0 // such a client knows no chunks
	again = s.keepsClient() && s.over() && !untilClose && !bare
	s.out = s.appendAnswer(s.out[:0], bare, again)
	for {
		err := s.relayPiece(bare)
		switch {
		case err == nil && x.body.ended:
			return s.finish(again)
		case err == nil:
			err = x.conn.in.fill(bufferSize)
		}
		if untilClose && errors.Is(err, io.EOF) {
			s.letGo(false)
			return s.finish(false)
		}
		if err != nil {
			s.debug("answer broken off", err)
			s.abandon()
			reset(s.socket) // the client must not take what it got for all
			return false
		}
	}
}

// keepsClient says whether client and balancer want another request.
func (s *session) keepsClient() bool {
	return s.request.keeps(s.request.minor) && !s.listener.closing.Load()
}

// relayPiece writes what has been read of the answer. Before the client can
// have all, the exchange is over: its next request meets what this one left.
func (s *session) relayPiece(bare bool) (err error) {
	x := &s.x
	if s.out, err = x.conn.in.move(s.out, &x.body, bare); err != nil {
		return err
	}
	if x.body.ended {
		s.letGo(x.answer.keeps(x.answer.minor) && x.conn.in.empty())
	}
	_, err = s.conn.Write(s.out)
	s.out = s.out[:0]
	return err
}

// finish ends an exchange of which the client has got the whole answer.
func (s *session) finish(again bool) bool {
	if !s.over() {
		s.stopUpload()
		s.linger()
		return false
	}
	s.stopUpload()
	return again && s.ctx.Err() == nil
}

// appendAnswer appends the head of the answer as the client gets it.
func (s *session) appendAnswer(out []byte, bare, keep bool) []byte {
	a := &s.x.answer
	out = append(out, "HTTP/1.1 "...)
	out = append(out, a.text...)
	out = append(out, crlf...)
	for i := range a.fields {
		if f := &a.fields[i]; !f.dropped && !(bare && f.kind == transferEncoding) {
			out = append(out, f.line...)
			out = append(out, crlf...)
		}
	}
	return append(out, s.connectionField(keep)...)
}

// connectionField ends a head. A client of HTTP/1.1 keeps the connection when
// it is told nothing.
func (s *session) connectionField(keep bool) string {
	switch {
	case !keep:
		return "Connection: close\r\n\r\n"
	case s.request.minor == 0:
		return "Connection: keep-alive\r\n\r\n"
	}
	return "\r\n"
}

// reset closes a connection with a TCP reset.
func reset(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // one that refuses is broken already
	}
	c.Close()
}
