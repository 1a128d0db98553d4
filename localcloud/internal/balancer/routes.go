package balancer

import (
	"cmp"
	"slices"

	"orchard/localcloud/internal/health"
)

// routes is an unchanging picture of who may get requests.
type routes struct {
	members []*member // in round robin order
}

// route draws a new picture: the healthy members, or by fail open all that
// are registered. Called with the pool's lock held.
//
// Source: Elastic Load Balancing, target group health. That a target which
// is still initial counts among all when none is healthy follows from the
// minimum of healthy targets, under which traffic goes to all of them.
func (p *Pool) route() {
	var healthy []*member
	for _, m := range p.members {
		if m.health.State == health.Healthy {
			healthy = append(healthy, m)
		}
	}
	if len(healthy) == 0 && p.config.Load().FailOpen {
		healthy = slices.Clone(p.members)
	}
	p.routes.Store(&routes{members: alternate(healthy)})
}

// alternate orders members so that neighbours are in different zones where
// that is possible: the first of each zone, then the second of each.
func alternate(members []*member) []*member {
	rank := map[*member]int{}
	seen := map[string]int{}
	for _, m := range members {
		rank[m] = seen[m.target.Zone]
		seen[m.target.Zone]++
	}
	slices.SortStableFunc(members, func(a, b *member) int { return cmp.Compare(rank[a], rank[b]) })
	return members
}

// acquire names the member for the next request, round robin, or nil if
// there is none. It must be released when the request has ended.
func (p *Pool) acquire() *member { return p.acquireAt(p.next.Add(1)) }

// acquireAt names a member by a number, the same one for as long as the
// picture stays. It must be released, too.
func (p *Pool) acquireAt(n uint64) *member {
	for {
		r := p.routes.Load()
		if len(r.members) == 0 {
			return nil
		}
		m := r.members[n%uint64(len(r.members))]
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
	//lint:ignore SA2001 waiting for the lock is the purpose
	p.mu.Unlock()
}
