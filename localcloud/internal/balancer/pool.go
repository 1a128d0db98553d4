package balancer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"orchard/localcloud/internal/health"
)

// DialFunc opens a connection to a target. It must give up when the context
// ends. A connection without a SyscallConn method is not kept alive.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// PoolConfig is how a pool treats its targets.
type PoolConfig struct {
	Check Check
	// Drain is how long requests in flight may go on after their target was
	// taken away (0 cuts them at once).
	Drain time.Duration
	// FailOpen passes requests to all registered targets when none is
	// healthy. An AWS target group does, an Azure pool when all probed down
	// shall mean all up; without it there is no target then.
	FailOpen bool
	// Algorithm finds the target of a request.
	Algorithm Algorithm
	// ZoneIsolated switches cross-zone load balancing off: each node of the
	// load balancer, of which every one of Zones has one, leads only to the
	// targets of its zone. Health and FailOpen count within the zone then, and
	// a zone without a registered target has none to lead to, whatever the
	// others have. As there is one address and not one for each zone, clients'
	// connections meet the nodes in turn as they are accepted; so the nodes
	// have equal shares of clients, however many targets are in their zones.
	//
	// Source: Elastic Load Balancing, cross-zone load balancing for target
	// groups.
	ZoneIsolated bool
	Zones        []string // read only if ZoneIsolated
	// CutLone resets the open flows of a pool's only target when it fails its
	// checks and the pool does not fail open. In a pool of more they go on.
	//
	// Source: Azure Load Balancer, health probes, probe down behavior.
	CutLone bool
	// Dial opens connections for requests, and for checks where DialCheck is
	// nil.
	Dial, DialCheck DialFunc
	// OnChange is told of every change of state, in order, one at a time,
	// while Run runs. It may call the pool.
	OnChange func(Change)
}

// Validate reports everything that is wrong with the configuration.
func (c PoolConfig) Validate() error {
	errs := []error{c.Check.Validate()}
	if c.Drain < 0 {
		errs = append(errs, fmt.Errorf("drain is %s: it must not be negative", c.Drain))
	}
	if c.Dial == nil {
		errs = append(errs, errors.New("dial is missing"))
	}
	if c.ZoneIsolated && len(c.Zones) == 0 {
		errs = append(errs, errors.New("zones are isolated, but there is none: name the load balancer's zones"))
	}
	if c.Algorithm != RoundRobin && c.Algorithm != LeastOutstanding {
		errs = append(errs, fmt.Errorf("algorithm is %d: it must be RoundRobin or LeastOutstanding", c.Algorithm))
	}
	return errors.Join(errs...)
}

// Pool is a set of targets and what is known of them. Its methods may be
// called from any goroutine, before, while and after it runs.
type Pool struct {
	config  atomic.Pointer[PoolConfig]
	routes  atomic.Pointer[routes]
	changes changes
	total   counters // of all targets that ever were

	mu       sync.Mutex
	running  context.Context // nil unless Run runs
	members  []*member       // registered, in the caller's order
	draining []*member
	watchers sync.WaitGroup
}

// NewPool makes a pool without targets.
func NewPool(c PoolConfig) (*Pool, error) {
	p := &Pool{changes: newChanges()}
	return p, p.Configure(c)
}

// Configure changes how the pool treats its targets. Their states stay;
// checks follow the new interval at once.
func (p *Pool) Configure(c PoolConfig) error {
	if err := c.Validate(); err != nil {
		return fmt.Errorf("configure pool: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.config.Store(&c)
	for _, m := range p.members {
		m.kick()
	}
	p.route()
	return nil
}

// Run checks the targets and publishes their changes until the context ends.
// Before it, targets are unused: that is a pool that no listener leads to.
// When it returns, all connections to targets are closed; listeners that
// lead to the pool must have ended before. It runs once.
func (p *Pool) Run(ctx context.Context) error {
	p.start(ctx)
	for {
		select {
		case <-p.changes.ready:
			p.publish()
		case <-ctx.Done():
			p.stop()
			p.publish()
			return nil
		}
	}
}

// publish tells of changes, once requests are led by them.
func (p *Pool) publish() {
	changes := p.changes.take()
	p.awaitRoutes()
	for _, c := range changes {
		if tell := p.config.Load().OnChange; tell != nil {
			tell(c)
		}
	}
}

func (p *Pool) start(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = ctx
	for _, m := range p.members {
		p.register(m)
	}
	p.route()
}

func (p *Pool) stop() {
	p.watchers.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = nil
	for _, m := range p.members {
		m.cut()
	}
}

// SetTargets makes the given targets the registered ones. A target that is
// no longer among them drains: it gets no new request from now on. One whose
// address or zone has changed, or that comes back while it drains, is a new
// target under the same ID; a change of its administrative state makes no new
// one. Targets with the ID of one before them are ignored.
func (p *Pool) SetTargets(targets []Target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.members
	old := map[string]*member{}
	for _, m := range before {
		old[m.target.ID] = m
	}
	wanted := map[string]bool{}
	p.members = nil
	for _, t := range targets {
		if wanted[t.ID] {
			continue
		}
		wanted[t.ID] = true
		m := old[t.ID]
		if m != nil && m.target.Address == t.Address && m.target.Zone == t.Zone {
			delete(old, t.ID)
			m.target.Admin = t.Admin
		} else {
			m = p.add(t)
		}
		p.members = append(p.members, m)
	}
	for _, m := range before {
		if old[m.target.ID] == m {
			p.deregister(m, wanted[m.target.ID])
		}
	}
	p.route()
}

func (p *Pool) add(t Target) *member {
	m := newMember(t, p)
	for _, d := range p.draining {
		if d.target.ID == t.ID {
			d.superseded = true
		}
	}
	if p.running == nil {
		p.set(m, health.NotInUse(time.Now()))
	} else {
		p.register(m)
	}
	return m
}

// register starts to check a member.
func (p *Pool) register(m *member) {
	p.set(m, health.Adopt(m.target.Last, time.Now()))
	checks, stop := context.WithCancel(p.running)
	m.stopChecks = stop
	p.watchers.Add(1)
	go func(running context.Context) {
		defer p.watchers.Done()
		defer stop()
		p.watch(checks, m)
		p.drain(running, m)
	}(p.running)
}

// deregister takes a member out of the routes and lets it drain. The caller
// hears nothing more of a superseded one: its ID is another target's now.
func (p *Pool) deregister(m *member, superseded bool) {
	m.superseded = superseded
	m.inFlight.close()
	p.set(m, m.health.Deregister(time.Now()))
	p.draining = append(p.draining, m)
	if m.stopChecks == nil || p.running == nil || p.running.Err() != nil {
		p.retire(m)
		return
	}
	m.stopChecks()
}

// retire forgets a member, and cuts the connections that are left.
func (p *Pool) retire(m *member) {
	m.cut()
	p.set(m, m.health.Release(time.Now()))
	p.draining = slices.DeleteFunc(p.draining, func(d *member) bool { return d == m })
}

// set notes the health of a member, and publishes a change of its state.
func (p *Pool) set(m *member, next health.Target) {
	from := m.health.State
	m.health = next
	if from == next.State || m.superseded {
		return
	}
	p.changes.put(Change{
		Target: m.target, From: from, To: next.State, Reason: next.Reason, Detail: next.Detail, At: next.Since,
	})
}

func (p *Pool) dial(ctx context.Context, network, address string) (net.Conn, error) {
	return p.config.Load().Dial(ctx, network, address)
}
