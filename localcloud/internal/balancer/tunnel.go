package balancer

import "sync"

// tunnel passes bytes both ways after the target has switched protocols, until
// one of the ends has had enough or no byte has moved for the idle time.
func (s *session) tunnel() {
	c := s.x.conn
	out := append(s.out[:0], "HTTP/1.1 "...)
	out = append(out, s.x.answer.text...)
	out = append(out, crlf...)
	for i := range s.x.answer.fields {
		if f := &s.x.answer.fields[i]; !f.dropped {
			out = append(out, f.line...)
			out = append(out, crlf...)
		}
	}
	out = append(out, "Connection: Upgrade\r\n"...)
	out = append(appendAll(out, &s.x.answer.head, upgrade), crlf...)
	if _, err := s.conn.Write(out); err == nil {
		var ends sync.WaitGroup
		ends.Go(func() { s.pump(&c.conn, &s.in) })
		ends.Go(func() { s.pump(&s.conn, &c.in) })
		ends.Wait()
	}
	s.abandon()
}

// pump passes on what comes in, and ends both ways when it ends. A byte either
// way moves the deadlines of both connections.
func (s *session) pump(to *conn, from *buffer) {
	for {
		if !from.empty() {
			if _, err := to.Write(from.bytes()); err != nil {
				break
			}
			from.use(len(from.bytes()))
		}
		if from.fill(bufferSize) != nil {
			break
		}
	}
	s.x.conn.Close()
	s.conn.Close()
}
