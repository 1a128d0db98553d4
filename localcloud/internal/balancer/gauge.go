package balancer

import "sync/atomic"

// gauge counts requests in flight and can be closed: then none may enter,
// and the channel says when the last one has left.
type gauge struct {
	n      atomic.Int64
	closed atomic.Bool
	empty  chan struct{}
}

func newGauge() gauge { return gauge{empty: make(chan struct{}, 1)} }

func (g *gauge) enter() bool {
	g.n.Add(1)
	if g.closed.Load() {
		g.leave()
		return false
	}
	return true
}

func (g *gauge) leave() {
	if g.n.Add(-1) == 0 && g.closed.Load() {
		g.signal()
	}
}

func (g *gauge) close() {
	g.closed.Store(true)
	if g.n.Load() == 0 {
		g.signal()
	}
}

func (g *gauge) signal() {
	select {
	case g.empty <- struct{}{}:
	default:
	}
}
