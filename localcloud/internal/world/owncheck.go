package world

import (
	"context"
	"maps"
	"net"
	"slices"
	"strconv"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/health"
)

// ownCheck asks the instances of one group how they are, where the cloud does
// that at the instance itself and not through a load balancer. It is a pool
// that nothing leads to.
type ownCheck struct {
	check HealthCheck
	pool  *pool
}

// planOwnChecks brings the checks at instances to what is declared.
func (w *World) planOwnChecks() {
	for id, running := range w.actual.ownChecks {
		if declared := w.declared.Groups[id].OwnCheck; declared == nil || *declared != running.check {
			running.pool.stop()
			delete(w.actual.ownChecks, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(w.declared.Groups)) {
		g := w.declared.Groups[id]
		if g.OwnCheck == nil {
			continue
		}
		running := w.actual.ownChecks[id]
		if running == nil {
			running = w.openOwnCheck(g)
		}
		if running != nil {
			running.pool.setTargets(w.targetsOf([]Group{g}, "", g.OwnCheck.Port))
		}
	}
}

func (w *World) openOwnCheck(g Group) *ownCheck {
	check, err := checkOf(*g.OwnCheck)
	if err != nil {
		w.log.Error("cannot check instances", "group", g.Name, "error", err)
		return nil
	}
	var dialer net.Dialer
	started := w.runPool(Pool{ID: g.ID, Name: g.Name}, balancer.PoolConfig{
		Check: check, Dial: dialer.DialContext, OnChange: w.ownHealthChanged,
	})
	if started == nil {
		return nil
	}
	running := &ownCheck{check: *g.OwnCheck, pool: started}
	w.actual.ownChecks[g.ID] = running
	return running
}

func (w *World) ownHealthChanged(c balancer.Change) {
	w.update(func() {
		if i, ok := w.state.Instances[c.Target.ID]; ok && i.State == InService {
			i.Own = c.To
			w.event("instance", i.ID, "calls itself "+string(c.To)+because(c))
		}
	})
}

// checkOf translates a declared check.
func checkOf(c HealthCheck) (balancer.Check, error) {
	matcher, err := health.ParseMatcher(c.Matcher)
	if err != nil {
		return balancer.Check{}, err
	}
	return balancer.Check{
		Path: c.Path, Port: c.Port, Interval: c.Interval, Timeout: c.Timeout,
		Thresholds: health.Thresholds{InitialSuccesses: 1, Healthy: c.Healthy, Unhealthy: c.Unhealthy},
		Matcher:    matcher,
		Body:       balancer.BodyRule{Field: c.BodyField, Value: c.BodyValue},
		UserAgent:  c.UserAgent,
	}, nil
}

// runPool starts to check the targets of a pool, until its stop is called.
func (w *World) runPool(declared Pool, config balancer.PoolConfig) *pool {
	running, err := balancer.NewPool(config)
	if err != nil {
		w.log.Error("cannot open pool", "pool", declared.Name, "error", err)
		return nil
	}
	ctx, stop := context.WithCancel(w.ctx)
	w.running.Go(func() {
		if err := running.Run(ctx); err != nil {
			w.log.Error("pool ended", "pool", declared.Name, "error", err)
		}
	})
	return &pool{pool: running, stop: stop, declared: declared}
}

// targetsOf are the instances in service of some groups, at a port. last names
// the pool whose last word on them counts at first.
func (w *World) targetsOf(groups []Group, last string, port int) []balancer.Target {
	var out []balancer.Target
	for _, g := range groups {
		for _, i := range w.instancesOf(g.ID) {
			if i.State == InService || w.actual.leaving[i.ID] {
				out = append(out, balancer.Target{
					ID: i.ID, Zone: i.Zone, Address: net.JoinHostPort(i.Address, strconv.Itoa(port)), Last: i.Health[last],
				})
			}
		}
	}
	return out
}
