package engine

import "golang.org/x/sys/unix"

// pacers are the threads that the pacer's goroutine has run on: one, as a rule.
//
// The goroutine is not locked to its thread. Go preempts it every 10 ms, and one that
// is locked is given back its thread by another, which on a busy machine is itself
// given a processor only after many milliseconds; one that is not locked goes on
// where it is. So the thread is looked up from time to time instead, and a new one
// gets what the first one had: exact sleeps and, where the user may have it (root,
// CAP_SYS_NICE), the lowest real-time priority. With ten other programs that want
// the same processor, requests are then noticed 0.4 ms late at p99 instead of 50 ms.
type pacers struct{ known []int }

// realtime goes before all ordinary threads; what the process starts does not have it.
var realtime = unix.SchedAttr{
	Size: unix.SizeofSchedAttr, Policy: unix.SCHED_RR, Priority: 1, Flags: unix.SCHED_FLAG_RESET_ON_FORK,
}

// look makes the thread that it runs on a pacer, if it is none yet.
func (p *pacers) look() {
	id := unix.Gettid()
	for _, known := range p.known {
		if known == id {
			return
		}
	}
	p.known = append(p.known, id)
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) // wakes 50 µs late without it
	_ = unix.SchedSetAttr(0, &realtime, 0)             // refused without the right: then it paces as others do
}

// end makes the threads ordinary ones again. One that has ended is no error.
func (p *pacers) end() {
	ordinary := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_NORMAL}
	for _, id := range p.known {
		_ = unix.SchedSetAttr(id, &ordinary, 0)
	}
}
