package engine

import (
	"context"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"orchard/loadrunner/internal/record"
)

const (
	// tick is the shortest sleep of the pacer: requests that are due within one are
	// sent together.
	tick = 250 * time.Microsecond
	// round is how often slots are looked at for timeouts and pauses, which are
	// as exact as this.
	round = 5 * time.Millisecond
)

// loop is the thread's. Moments are times after start.
type loop struct {
	Config
	to        netip.AddrPort
	source    Source
	recorder  *record.Recorder
	poll      *poller
	pacers    pacers
	start     time.Time
	startWall int64 // start by the machine's clock, ns since 1970

	slots []slot
	free  ring  // slots with an idle connection, the one that waits longest first
	extra []int // slots with an idle connection beyond those that are kept open, the one used last at the end
	none  []int // slots without a connection
	busy  int   // slots with a request
	used  int   // slots that ever had a connection: the first ones
	open  int   // slots with a connection, or one that is being made

	due, next uint64 // requests whose moment has come; the first that waits in line
	looked    time.Duration
	paced     time.Duration // when due requests were last looked for
	refused   time.Duration // when a connection last failed
	stopped   time.Duration // when ctx ended, 0 before
	buffer    [64 << 10]byte
	control   control
}

func runLoop(ctx context.Context, c Config, to netip.AddrPort, s Source, r *record.Recorder) (time.Duration, error) {
	p, err := newPoller()
	if err != nil {
		r.Finish(0)
		return 0, err
	}
	defer p.close()
	l := &loop{Config: c, to: to, source: s, recorder: r, poll: p, start: time.Now()}
	l.makeSlots()
	defer l.closeAll()
	processors(1)
	defer processors(-1)
	defer l.pacers.end()
	err = l.run(ctx)
	took := l.now()
	r.Finish(took)
	return took, err
}

var processorsMu sync.Mutex

// processors changes how many threads Go runs at once: the loop's is one that Go
// must do without.
func processors(by int) {
	processorsMu.Lock()
	defer processorsMu.Unlock()
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + by)
}

func (l *loop) makeSlots() {
	n := l.Config.slots()
	l.slots, l.free = make([]slot, n), newRing(n)
	for i := range n {
		l.slots[i].fd = -1
		l.none = append(l.none, n-1-i)
	}
}

func (l *loop) now() time.Duration { return time.Since(l.start) }

func (l *loop) run(ctx context.Context) error {
	l.warmUp()
	for {
		now := l.now()
		l.recorder.Now(now)
		if now >= l.looked+round {
			l.look(ctx, now)
		}
		if l.Schedule != nil {
			l.pace(now)
		}
		if l.over(now) {
			return nil
		}
		if err := l.wait(now); err != nil {
			return err
		}
	}
}

// wait takes what comes until something is due.
func (l *loop) wait(now time.Duration) error {
	d := l.sleep()
	if l.dense(now) {
		doze(d)
		d = 0
	}
	events, err := l.poll.wait(d)
	if err != nil {
		return err
	}
	now = l.now()
	for i := range events {
		now = l.handle(&events[i], now)
	}
	return nil
}

// warmUp opens the connections before the first request is due, so that a run
// does not begin with a crowd of them, and starts the clock.
func (l *loop) warmUp() {
	until := l.now() + min(l.Timeout, time.Second)
	for range l.Connections {
		l.connectIdle(l.now())
	}
	for l.free.len() < l.open && l.now() < until {
		events, err := l.poll.wait(round)
		if err != nil {
			break
		}
		for i := range events {
			l.handle(&events[i], l.now())
		}
	}
	l.start = time.Now()
	l.startWall = l.start.UnixNano()
	l.started(l.start)
	l.refused = 0
	for i := range l.slots {
		l.slots[i].opened, l.slots[i].wake = 0, l.Timeout
	}
	if l.Schedule == nil {
		l.askAll()
	}
}

// over tells whether every request has its outcome.
func (l *loop) over(now time.Duration) bool {
	if l.stopped > 0 || (l.Schedule == nil && now >= l.Length) {
		return l.busy == 0 && l.next == l.due
	}
	return l.Schedule != nil && l.next == l.Schedule.Count() && l.busy == 0
}

// sleep returns how long nothing is due.
func (l *loop) sleep() time.Duration {
	now := l.now()
	d := l.looked + round - now
	if l.Schedule == nil || l.due == l.Schedule.Count() || l.stopped > 0 {
		return d
	}
	return min(d, max(l.Schedule.At(l.due), l.paced+tick)-now)
}

// pace notices the requests that are due and sends those for which there is a
// connection.
func (l *loop) pace(now time.Duration) {
	l.paced = now
	for l.stopped == 0 && l.due < l.Schedule.Count() {
		at := l.Schedule.At(l.due)
		if at > now {
			break
		}
		l.recorder.Scheduled(now - at)
		l.due++
	}
	for l.next < l.due && now >= l.Schedule.At(l.next)+l.Timeout {
		l.recorder.Late(now-l.Schedule.At(l.next), now)
		l.next++
	}
	for l.next < l.due {
		i := l.take()
		if i < 0 {
			return
		}
		l.ask(i, l.Schedule.At(l.next), now)
		l.next++
	}
}

// look goes over the slots for what only time brings about.
func (l *loop) look(ctx context.Context, now time.Duration) {
	l.looked = now
	if l.Schedule != nil {
		l.pacers.look()
	}
	if l.stopped == 0 && ctx.Err() != nil {
		l.stop(now)
	}
	for i := range l.slots[:l.used] {
		if s := &l.slots[i]; s.state != closed && now >= s.wake {
			l.wake(i, now)
		}
	}
	if l.open < l.Connections && l.stopped == 0 && now >= l.refused+100*time.Millisecond && l.Schedule != nil {
		l.connectIdle(now)
	}
}

// stop gives requests in flight a little more, and drops those that wait.
func (l *loop) stop(now time.Duration) {
	l.stopped = now
	for ; l.next < l.due; l.next++ {
		l.recorder.Dropped(now-l.Schedule.At(l.next), now)
	}
	for i := range l.slots {
		if s := &l.slots[i]; s.busy {
			s.wake = min(s.wake, now+grace)
		}
	}
}
