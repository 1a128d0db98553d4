package balancer

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// exchange is one request and its answer.
type exchange struct {
	counted bool      // as in flight, by the listener
	member  *member   // that has been acquired
	conn    *backConn // to it
	upload  *upload   // nil if all of the body was there with the head
	answer  answerHead
	body    framing // of the answer
}

// serve passes a request to a target and its answer to the client, and
// reports whether the connection can take another request.
func (s *session) serve() (again bool) {
	l := s.listener
	l.requests.Add(1)
	s.x.member, s.x.conn, s.x.upload = nil, nil, nil
	out, err := s.in.move(s.appendRequest(s.out[:0]), &s.body, false)
	s.out = out
	if err != nil {
		s.debug("request refused", err)
		s.refuse(http.StatusBadRequest)
		return false
	}
	l.inFlight.Add(1)
	s.x.counted = true
	p := l.pool.Load()
	if s.x.member = p.acquire(s.number); s.x.member == nil {
		return s.fail(&failure{http.StatusServiceUnavailable, errNoTarget})
	}
	return s.pass(p, s.x.member)
}

// pass asks the member, once.
func (s *session) pass(p *Pool, m *member) (again bool) {
	start := time.Now()
	failed := s.ask()
	took := time.Since(start)
	if failed != nil {
		m.counters.count(0, took)
		p.total.count(0, took)
		return s.fail(failed)
	}
	m.counters.count(s.x.answer.status, took)
	p.total.count(s.x.answer.status, took)
	s.listener.times.add(took)
	if s.x.answer.status == http.StatusSwitchingProtocols {
		s.tunnel()
		return false
	}
	return s.relay()
}

// ask sends the request, which is in s.out, and reads the head of the answer.
func (s *session) ask() *failure {
	c, failed := s.x.member.backend.take(s.ctx, s.listener.config.IdleTimeout)
	if failed != nil {
		return failed
	}
	s.x.conn = c
	s.awaited.Store(c)
	if err := s.ctx.Err(); err != nil { // whoever cut the session has not seen c
		return &failure{StatusClientClosed, err}
	}
	if _, err := c.Write(s.out); err != nil {
		return classify(err, nil)
	}
	if !s.body.ended {
		if err := s.startUpload(); err != nil {
			return &failure{StatusClientClosed, err}
		}
	}
	if err := s.awaitAnswer(); err != nil {
		return classify(err, s.x.upload)
	}
	return nil
}

// awaitAnswer reads the head of the answer. Interim answers are dropped.
func (s *session) awaitAnswer() error {
	c, a := s.x.conn, &s.x.answer
	for seen := 0; ; {
		text := c.in.bytes()
		n, err := headLength(text, seen)
		switch {
		case err != nil:
			return err
		case !mayBeAnswer(text):
			return errors.New("the answer is not of HTTP/1")
		case n > maxResponseHeader:
			return errTooLong
		case n == 0:
			seen = len(text)
			if err := c.in.fill(maxResponseHeader); err != nil {
				return err
			}
			continue
		}
		if err := a.parse(text[:n]); err != nil {
			return err
		}
		c.in.use(n)
		if seen = 0; a.status >= 200 || a.status == http.StatusSwitchingProtocols {
			return s.settleAnswer()
		}
	}
}

// settleAnswer finds how the answer's body is framed.
func (s *session) settleAnswer() error {
	a := &s.x.answer
	switch {
	case a.status == http.StatusSwitchingProtocols && !s.request.upgrading:
		return fmt.Errorf("answer %d was not asked for", a.status)
	case a.bodiless() || s.request.isHead:
		s.x.body = noBody()
	case a.chunked:
		s.x.body = inChunks()
	case a.length >= 0:
		s.x.body = ofLength(a.length)
	default:
		s.x.body = untilClose()
	}
	return nil
}

// fail ends an exchange that has no answer to pass on, with one of the
// balancer's own. It reports whether the connection can take another request.
func (s *session) fail(f *failure) (again bool) {
	status := f.status
	if s.ctx.Err() != nil {
		status = StatusClientClosed
	}
	s.debug("request failed", f)
	again = s.keepsClient() && s.body.ended && s.x.upload == nil && status != StatusClientClosed
	s.abandon()
	s.answer(status, s.request.isHead, again)
	if !again && status != StatusClientClosed {
		s.linger()
	}
	return again
}

// abandon gives up an exchange, and what the client has not sent.
func (s *session) abandon() {
	s.letGo(false)
	s.stopUpload()
}

// letGo ends the exchange for everyone but the client. The connection to the
// target is kept for others if it can be.
func (s *session) letGo(keep bool) {
	x := &s.x
	if c := x.conn; c != nil {
		alive := s.awaited.CompareAndSwap(c, nil) // else the client is gone, and c is cut
		if keep && alive && x.upload.delivered() && c.peek != nil {
			x.member.backend.put(c)
		} else {
			x.member.backend.drop(c)
		}
	}
	if x.member != nil {
		x.member.release()
	}
	if x.counted {
		s.listener.inFlight.Add(-1)
	}
	x.conn, x.member, x.counted = nil, nil, false
}
