package engine

import "time"

// release puts a slot without a request where it is found again.
func (l *loop) release(i int, now time.Duration) {
	s := &l.slots[i]
	if s.fd < 0 {
		s.state = closed
		l.none = append(l.none, i)
		return
	}
	s.state, s.wake = idle, now+surplusLife
	switch {
	case s.waits:
	case l.surplus():
		l.extra = append(l.extra, i)
	default:
		l.free.push(i)
	}
	s.waits = true
}

// surplusLife is how long a connection idles beyond those that are kept open.
const surplusLife = time.Second

// surplus tells whether there are more connections than are kept open. A moment in which
// many requests were in flight has left them: going round all of them would cost a cold
// connection for each request, here and at the target. So the one that was used last is
// used again, and those that are not needed are closed.
func (l *loop) surplus() bool { return l.Schedule != nil && l.open > l.Connections }

// take returns a slot for a request, with a connection where one is idle, or -1.
func (l *loop) take() int {
	for l.free.len() > 0 {
		if i := l.free.pop(); l.waited(i) {
			return i
		}
	}
	for len(l.extra) > 0 {
		if i := pop(&l.extra); l.waited(i) {
			return i
		}
	}
	if len(l.none) == 0 {
		return -1
	}
	return pop(&l.none)
}

// pop takes the last of a row.
func pop(row *[]int) int {
	i := (*row)[len(*row)-1]
	*row = (*row)[:len(*row)-1]
	return i
}

// waited tells whether a slot that was found waiting has its connection still.
func (l *loop) waited(i int) bool {
	l.slots[i].waits = false
	return l.slots[i].state == idle
}
