package balancer

import (
	"context"
	"slices"
	"time"

	"orchard/localcloud/internal/health"
)

// member is a target in a pool.
type member struct {
	target   Target
	backend  *backend // of requests
	flows    flows    // of connections
	counters counters
	inFlight gauge
	kicked   chan struct{} // holds one value when the configuration has changed

	// Under the pool's lock.
	health     health.Target
	stopChecks context.CancelFunc // nil until it is registered
	superseded bool               // another member has its ID
}

func newMember(t Target, p *Pool) *member {
	return &member{
		target:   t,
		backend:  newBackend(t.Address, p.dial),
		inFlight: newGauge(),
		kicked:   make(chan struct{}, 1),
	}
}

// release ends what acquire began.
func (m *member) release() { m.inFlight.leave() }

// cut ends every connection to the target.
func (m *member) cut() {
	m.backend.close()
	m.flows.cut(true)
}

func (m *member) kick() {
	select {
	case m.kicked <- struct{}{}:
	default:
	}
}

// watch checks a member until the context ends. The first check is made at
// once; each further one an interval after the start of the one before,
// however long that took.
func (p *Pool) watch(ctx context.Context, m *member) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.kicked:
		case <-timer.C:
			last = time.Now()
			p.check(ctx, m)
		}
		timer.Reset(time.Until(last.Add(p.config.Load().Check.Interval)))
	}
}

func (p *Pool) check(ctx context.Context, m *member) {
	c := p.config.Load()
	dial := c.DialCheck
	if dial == nil {
		dial = c.Dial
	}
	result := c.Check.Probe(ctx, dial, m.target.Address)
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() != nil {
		return // cut short: it says nothing of the target
	}
	before := m.health.State
	p.set(m, m.health.Observe(result, c.Check.Thresholds, time.Now()))
	if m.health.State == before {
		return
	}
	p.route()
	if c.CutLone && m.health.State == health.Unhealthy && m.target.Admin == AdminNone && len(p.members) == 1 && p.unreachable() {
		m.flows.cut(false)
	}
}

// unreachable says that the pool leads nowhere.
func (p *Pool) unreachable() bool {
	return !slices.ContainsFunc(p.routes.Load().nodes, func(n *node) bool { return len(n.members) > 0 })
}

// drain waits for the requests in flight of a member that was deregistered,
// at most for the pool's delay, and cuts what is left then, or when the pool
// stops.
func (p *Pool) drain(running context.Context, m *member) {
	p.mu.Lock()
	draining := m.health.State == health.Draining
	p.mu.Unlock()
	if !draining {
		return
	}
	delay := time.NewTimer(p.config.Load().Drain)
	defer delay.Stop()
	select {
	case <-m.inFlight.empty:
	case <-delay.C:
	case <-running.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retire(m)
}
