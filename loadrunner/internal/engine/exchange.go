package engine

import (
	"time"

	"golang.org/x/sys/unix"

	"orchard/loadrunner/internal/record"
)

// askAll starts a closed loop.
func (l *loop) askAll() {
	now := l.now()
	for i := l.take(); i >= 0; i = l.take() {
		l.askNow(i, now)
	}
}

// askNow sends the next request of a closed loop.
func (l *loop) askNow(i int, now time.Duration) {
	l.recorder.Scheduled(0)
	l.ask(i, now, now)
}

// ask gives a request to a slot that has none.
func (l *loop) ask(i int, scheduled, now time.Duration) {
	s := &l.slots[i]
	s.request = Request{Bytes: s.request.Bytes[:0], Attempts: 1}
	l.source.Next(&s.request)
	s.busy, s.stale, s.scheduled, s.attempt = true, false, scheduled, 1
	l.busy++
	l.attempt(i, now)
}

// attempt sends a slot's request, over a new connection where there is none.
func (l *loop) attempt(i int, now time.Duration) {
	s := &l.slots[i]
	s.started, s.sent = now, 0
	s.answer.Reset()
	s.wake = s.scheduled + l.Timeout
	if s.request.Attempts > 1 {
		s.wake = min(s.wake, now+l.Timeout/time.Duration(s.request.Attempts))
	}
	if l.stopped > 0 {
		s.wake = min(s.wake, l.stopped+grace)
	}
	if s.fd < 0 {
		l.connect(i, now)
		return
	}
	s.state = asking
	l.send(i, now)
}

// send writes what is left of the request.
func (l *loop) send(i int, now time.Duration) {
	s := &l.slots[i]
	n, errno := write(s.fd, s.request.Bytes[s.sent:])
	switch {
	case errno == unix.EAGAIN:
	case errno != 0:
		l.fail(i, failure(errno, false), now)
	default:
		s.sent += n
	}
}

// handle takes an event of a socket and returns the time after it.
func (l *loop) handle(e *unix.EpollEvent, now time.Duration) time.Duration {
	i := int(e.Fd)
	s := &l.slots[i]
	if s.generation != e.Pad || s.fd < 0 {
		return now // of a connection that is closed already
	}
	if e.Events&unix.EPOLLRDHUP != 0 {
		s.ending = true
	}
	if s.state == connecting {
		l.connected(i, now)
	} else if s.state == asking && s.sent < len(s.request.Bytes) && e.Events&unix.EPOLLOUT != 0 {
		l.send(i, now)
	}
	if e.Events&^unix.EPOLLOUT != 0 && s.fd >= 0 && s.generation == e.Pad {
		return l.receive(i, now)
	}
	return now
}

// receive reads what came. A read that does not fill the buffer has emptied the
// socket, but for the end of the connection.
func (l *loop) receive(i int, now time.Duration) time.Duration {
	s := &l.slots[i]
	for {
		n, came, errno := l.read(s, now)
		switch {
		case errno == unix.EAGAIN:
			return now
		case errno != 0:
			l.lost(i, failure(errno, false), now)
			return now
		case n == 0:
			l.ended(i, now)
			return now
		case s.state != asking:
			l.lost(i, record.Garbage, now) // nobody has asked
			return now
		}
		used, done, err := s.answer.Feed(l.buffer[:n])
		if err != nil {
			l.fail(i, record.Garbage, now)
			return now
		}
		if done {
			s.ending = s.ending || used < n
			l.answered(i, came)
			return max(now, came)
		}
		if n < len(l.buffer) && !s.ending {
			return now
		}
	}
}

// read reads what came over a slot's connection, and says when: in an open loop by
// the kernel's note of it, in a closed one by looking at the clock now.
func (l *loop) read(s *slot, now time.Duration) (int, time.Duration, unix.Errno) {
	if l.Schedule == nil {
		n, errno := read(s.fd, l.buffer[:])
		return n, l.now(), errno
	}
	n, stamp, errno := readStamped(s.fd, l.buffer[:], &l.control)
	return n, l.arrived(stamp, s.started, now), errno
}

// ended takes the end of a connection.
func (l *loop) ended(i int, now time.Duration) {
	s := &l.slots[i]
	s.ending = true
	if s.state == asking && s.answer.End() == nil {
		l.answered(i, now)
		return
	}
	l.lost(i, record.Cut, now)
}

// lost closes a connection that is gone; where it served a request, that fails.
func (l *loop) lost(i int, why record.Failure, now time.Duration) {
	switch s := &l.slots[i]; s.state {
	case asking:
		l.fail(i, why, now)
	case idle:
		l.disconnect(i)
		l.release(i, now)
	default:
		l.disconnect(i)
	}
}

// answered ends a request with its answer, or begins another attempt.
func (l *loop) answered(i int, now time.Duration) {
	s := &l.slots[i]
	if s.answer.Close || s.ending || (l.ConnectionLife > 0 && now-s.opened >= l.ConnectionLife) {
		l.disconnect(i)
	}
	s.reused = true
	if again(s.answer.Status) && l.retry(i, now) {
		return
	}
	l.recorder.Answered(s.request.Kind, s.answer.Status, now-s.scheduled, now-s.started, now)
	l.finish(i, Outcome{Status: s.answer.Status, ID: s.answer.ID}, now)
}

// fail ends an attempt without an answer, and the request where that was its last.
func (l *loop) fail(i int, why record.Failure, now time.Duration) {
	s := &l.slots[i]
	unused := s.fd >= 0 && s.reused && !s.answer.Begun()
	l.disconnect(i)
	if unused && s.request.Repeatable && !s.stale && (why == record.Reset || why == record.Cut) {
		s.stale = true
		l.recorder.Retried()
		l.attempt(i, now)
		return
	}
	if l.retry(i, now) {
		return
	}
	if l.stopped > 0 && why == record.Timeout {
		why = record.Stopped
	}
	l.recorder.Failed(s.request.Kind, why, now-s.scheduled, now-s.started, now)
	l.finish(i, Outcome{Failure: why}, now)
}

// retry pauses before another attempt, where the request has one and the time for it.
func (l *loop) retry(i int, now time.Duration) bool {
	s := &l.slots[i]
	wake := now + backoff(s.attempt)
	if s.attempt >= s.request.Attempts || wake >= s.scheduled+l.Timeout || l.stopped > 0 {
		return false
	}
	s.attempt++
	s.state, s.wake = pausing, wake
	return true
}

// finish makes a slot free, and in a closed loop asks again.
func (l *loop) finish(i int, o Outcome, now time.Duration) {
	s := &l.slots[i]
	o.Repeated = s.attempt > 1 || s.stale
	l.source.Done(&s.request, o)
	s.busy = false
	l.busy--
	if l.Schedule != nil {
		l.release(i, now)
		return
	}
	switch {
	case l.stopped > 0 || now >= l.Length:
		l.release(i, now)
	case o.Status == 0:
		s.state, s.wake = pausing, now+2*round // or a target that refuses would be stormed
	default:
		l.askNow(i, now)
	}
}
