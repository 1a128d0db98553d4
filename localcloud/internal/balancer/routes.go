package balancer

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"orchard/localcloud/internal/health"
)

// Algorithm is how the next request finds its target. Flows do not ask for
// it: they are led by their addresses and ports.
type Algorithm int

const (
	// RoundRobin asks the targets in turn.
	RoundRobin Algorithm = iota
	// LeastOutstanding asks the target with the fewest requests in flight,
	// and in turn those that have equally few.
	LeastOutstanding
)

// routes is an unchanging picture of who may get requests.
type routes struct {
	nodes []*node // one, or one for each zone when the zones are isolated
}

// node is what one node of the load balancer leads to.
type node struct {
	members   []*member // in round robin order
	algorithm Algorithm
	turn      atomic.Uint64
}

// route draws a new picture. Called with the pool's lock held.
func (p *Pool) route() {
	c := p.config.Load()
	var r routes
	if !c.ZoneIsolated {
		r.nodes = []*node{newNode(c, p.members)}
	}
	for _, zone := range c.isolated() {
		r.nodes = append(r.nodes, newNode(c, inZone(p.members, zone)))
	}
	p.routes.Store(&r)
}

func (c *PoolConfig) isolated() []string {
	if c.ZoneIsolated {
		return c.Zones
	}
	return nil
}

func inZone(members []*member, zone string) []*member {
	return slices.DeleteFunc(slices.Clone(members), func(m *member) bool { return m.target.Zone != zone })
}

// newNode leads to those of the members that are up, or by fail open to all
// that an administrator has not taken down. It begins at any of them, so that
// a picture that changes often favours none.
//
// Source: Elastic Load Balancing, target group health. That a target which
// is still initial counts among all when none is healthy follows from the
// minimum of healthy targets, under which traffic goes to all of them.
func newNode(c *PoolConfig, registered []*member) *node {
	n := &node{algorithm: c.Algorithm}
	for _, m := range registered {
		if m.target.Admin.up(m.health.State == health.Healthy) {
			n.members = append(n.members, m)
		}
	}
	if len(n.members) == 0 && c.FailOpen {
		n.members = slices.DeleteFunc(slices.Clone(registered), func(m *member) bool { return m.target.Admin == AdminDown })
	}
	alternate(n.members)
	n.turn.Store(uint64(rand.Uint32()))
	return n
}

// alternate orders members so that neighbours are in different zones where
// that is possible: the first of each zone, then the second of each.
func alternate(members []*member) {
	rank := map[*member]int{}
	seen := map[string]int{}
	for _, m := range members {
		rank[m] = seen[m.target.Zone]
		seen[m.target.Zone]++
	}
	slices.SortStableFunc(members, func(a, b *member) int { return cmp.Compare(rank[a], rank[b]) })
}

// next is the member for the next request.
func (n *node) next() *member {
	turn := n.turn.Add(1)
	best := n.at(turn)
	if n.algorithm == RoundRobin {
		return best
	}
	fewest := best.inFlight.n.Load()
	for i := range uint64(len(n.members)) {
		m := n.at(turn + i)
		if count := m.inFlight.n.Load(); count < fewest {
			best, fewest = m, count
		}
	}
	return best
}

func (n *node) at(i uint64) *member { return n.members[i%uint64(len(n.members))] }

// acquire names the member for the next request of a client's connection, or
// nil if there is none. It must be released when the request has ended. The
// connections are numbered as they are accepted: the number stands for the
// load balancer's node that the client has met.
func (p *Pool) acquire(connection uint64) *member {
	return p.enter(connection, (*node).next)
}

// acquireAt names a member by a number, the same one for as long as the
// picture stays. It must be released, too.
func (p *Pool) acquireAt(connection, number uint64) *member {
	return p.enter(connection, func(n *node) *member { return n.at(number) })
}

func (p *Pool) enter(connection uint64, choose func(*node) *member) *member {
	for {
		r := p.routes.Load()
		n := r.nodes[connection%uint64(len(r.nodes))]
		if len(n.members) == 0 {
			return nil
		}
		m := choose(n)
		if m.inFlight.enter() {
			return m
		}
		// It began to drain since the picture was drawn.
		if p.routes.Load() == r {
			p.awaitRoutes()
		}
	}
}

// awaitRoutes returns once whoever changes the members has drawn the new
// picture.
func (p *Pool) awaitRoutes() {
	p.mu.Lock()
	//nolint:staticcheck // SA2001: waiting for the lock is the purpose
	p.mu.Unlock()
}
