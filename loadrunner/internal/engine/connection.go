package engine

import (
	"time"

	"golang.org/x/sys/unix"

	"orchard/loadrunner/internal/record"
)

// connect begins a slot's connection.
func (l *loop) connect(i int, now time.Duration) {
	s := &l.slots[i]
	l.used = max(l.used, i+1)
	fd, err := connect(l.to)
	if err == nil {
		s.generation++
		if l.Schedule != nil {
			_ = stamp(fd) // without it, answers count as come when they are read
		}
		if err = l.poll.add(fd, i, s.generation); err != nil {
			_ = unix.Close(fd)
		}
	}
	if err != nil {
		l.notConnected(i, err, now)
		return
	}
	s.fd, s.state, s.reused, s.ending, s.opened = fd, connecting, false, false, now
	l.open++
}

// connectIdle opens a connection that no request waits for.
func (l *loop) connectIdle(now time.Duration) {
	if len(l.none) == 0 {
		return
	}
	i := pop(&l.none)
	l.slots[i].wake = now + l.Timeout
	l.connect(i, now)
}

// connected goes on with a connection that is there or has failed.
func (l *loop) connected(i int, now time.Duration) {
	s := &l.slots[i]
	code, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && code != 0 {
		err = unix.Errno(code)
	}
	switch {
	case err != nil:
		l.notConnected(i, err, now)
	case s.busy:
		s.state = asking
		l.send(i, now)
	default:
		l.release(i, now)
	}
}

// notConnected fails the request that waits for the connection, if one does.
func (l *loop) notConnected(i int, err error, now time.Duration) {
	l.refused = now
	if l.slots[i].busy {
		l.fail(i, failure(err, true), now)
		return
	}
	l.disconnect(i)
	l.release(i, now)
}

// disconnect closes a slot's connection, if it has one.
func (l *loop) disconnect(i int) {
	s := &l.slots[i]
	if s.fd < 0 {
		return
	}
	_ = unix.Close(s.fd)
	s.fd = -1
	l.open--
}

// wake ends a pause, an attempt or a connection that has taken too long, or one that
// idles as surplus.
func (l *loop) wake(i int, now time.Duration) {
	s := &l.slots[i]
	switch {
	case s.state == idle:
		if l.surplus() {
			l.disconnect(i)
			l.release(i, now)
		}
	case s.state == pausing && s.busy:
		l.recorder.Retried()
		l.attempt(i, now)
	case s.state == pausing && (l.stopped > 0 || now >= l.Length):
		l.release(i, now)
	case s.state == pausing:
		l.askNow(i, now)
	case s.busy:
		l.fail(i, record.Timeout, now)
	default:
		l.notConnected(i, unix.ETIMEDOUT, now)
	}
}

func (l *loop) closeAll() {
	for i := range l.slots {
		l.disconnect(i)
	}
}
