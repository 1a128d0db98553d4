package balancer

import (
	"sync/atomic"
	"time"

	"orchard/localcloud/internal/health"
)

// Counters count requests and flows that were passed to targets. A pool has the
// one or the other, by the layer of the listener that leads to it.
type Counters struct {
	Requests uint64
	Flows    uint64 // connections that the target has accepted
	// Status counts answers by class: Status[2] are the 2xx.
	Status [6]uint64
	// Errors counts requests that the target did not answer, and connections
	// that it did not accept.
	Errors uint64
	// ResponseTime is the sum, over answered requests, of the time until the
	// header of the answer was read, connecting included.
	ResponseTime time.Duration
}

type counters struct {
	requests, flows, errors atomic.Uint64
	status                  [6]atomic.Uint64
	responseTime            atomic.Int64
}

// count notes a request that has ended with the status; 0 for no answer.
func (c *counters) count(status int, took time.Duration) {
	c.requests.Add(1)
	class := status / 100
	if class < 1 || class > 5 {
		c.errors.Add(1)
		return
	}
	c.status[class].Add(1)
	c.responseTime.Add(int64(took))
}

func (c *counters) read() Counters {
	r := Counters{
		Requests: c.requests.Load(), Flows: c.flows.Load(), Errors: c.errors.Load(), ResponseTime: time.Duration(c.responseTime.Load()),
	}
	for i := range c.status {
		r.Status[i] = c.status[i].Load()
	}
	return r
}

// PoolStatus is a pool at one moment.
type PoolStatus struct {
	// Targets are the registered ones in the caller's order, then those that
	// drain.
	Targets []TargetStatus
	// Total counts over all targets that ever were, InFlight over those of
	// Targets.
	Total    Counters
	InFlight int64
}

// TargetStatus is a target at one moment.
type TargetStatus struct {
	Target   Target
	Health   health.Target
	Counters Counters
	InFlight int64 // requests that have no complete answer yet, upgraded connections and flows among them
}

// Status is the pool now.
func (p *Pool) Status() PoolStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := PoolStatus{Total: p.total.read()}
	for _, list := range [][]*member{p.members, p.draining} {
		for _, m := range list {
			t := TargetStatus{Target: m.target, Health: m.health, Counters: m.counters.read(), InFlight: m.inFlight.n.Load()}
			s.Targets = append(s.Targets, t)
			s.InFlight += t.InFlight
		}
	}
	return s
}

// ListenerStatus is a listener at one moment.
type ListenerStatus struct {
	Requests   uint64 // taken
	InFlight   int64
	Handshakes uint64 // of TLS, that failed
	// Times are the response times of the requests that a target answered.
	Times Histogram
	// Own counts, by status, the answers that are the balancer's own (400,
	// 408, 460, 464, 502, 503, 504).
	Own map[int]uint64
}

// Status is the listener now. It takes no lock.
func (l *Listener) Status() ListenerStatus {
	s := ListenerStatus{
		Requests: l.requests.Load(), InFlight: l.inFlight.Load(), Handshakes: l.handshakes.Load(),
		Times: l.times.read(), Own: map[int]uint64{},
	}
	for i, a := range ownAnswers {
		if n := l.own[i].Load(); n > 0 {
			s.Own[a.status] = n
		}
	}
	return s
}

// FlowStatus is a flow listener at one moment.
type FlowStatus struct {
	Flows uint64 // that a target has accepted
	Open  int64
	// Refused counts connections for which there was no target, Failed those
	// that the target did not accept. Their clients were reset.
	Refused, Failed uint64
	Idle            uint64 // ended by the idle timeout
	In, Out         uint64 // bytes from clients and to them, of flows that have ended
}

type flowCounters struct {
	flows, refused, failed, idle, in, out atomic.Uint64
	open                                  atomic.Int64
}

// Status is the listener now.
func (l *FlowListener) Status() FlowStatus {
	c := &l.stats
	return FlowStatus{
		Flows: c.flows.Load(), Open: c.open.Load(), Refused: c.refused.Load(), Failed: c.failed.Load(),
		Idle: c.idle.Load(), In: c.in.Load(), Out: c.out.Load(),
	}
}
