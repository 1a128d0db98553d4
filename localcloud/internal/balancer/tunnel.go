package balancer

import "sync"

// tunnel passes bytes both ways after the target has switched protocols, until
// one of the ends has had enough or no byte has moved for the idle time.
func (s *session) tunnel() {
	c := s.x.conn
	out := append(s.appendAnswer(s.out[:0], false), "Connection: Upgrade\r\n"...)
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
