package world

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/health"
)

// pool is a running pool: one that a listener leads to. A pool without a
// listener is not checked, as on the clouds.
type pool struct {
	pool     *balancer.Pool
	stop     context.CancelFunc
	declared Pool
	zones    []string // of the balancer that leads to it
	targets  []balancer.Target
}

func (w *World) planPools(led map[string]Balancer) {
	for id, p := range w.actual.pools {
		if _, ok := led[id]; !ok {
			p.stop()
			delete(w.actual.pools, id)
			for _, i := range w.state.Instances {
				delete(i.Health, id)
			}
		}
	}
	for id, b := range led {
		declared := w.declared.Pools[id]
		p, ok := w.actual.pools[id]
		switch {
		case !ok:
			p = w.openPool(b, declared)
			w.forgetOthers(declared)
		case p.declared != declared || !slices.Equal(p.zones, b.Zones):
			w.configurePool(p, b, declared)
		}
		if p != nil {
			p.setTargets(w.targets(declared))
		}
	}
}

// forgetOthers drops what an earlier daemon's pool has said of instances that
// are no targets of the new one: there they have nothing to drain, and nothing
// more is said of them.
func (w *World) forgetOthers(p Pool) {
	targets := w.targets(p)
	for id, i := range w.state.Instances {
		if !slices.ContainsFunc(targets, func(t balancer.Target) bool { return t.ID == id }) {
			delete(i.Health, p.ID)
		}
	}
}

func (p *pool) setTargets(targets []balancer.Target) {
	same := slices.EqualFunc(p.targets, targets, func(a, b balancer.Target) bool { return a.ID == b.ID && a.Address == b.Address && a.Admin == b.Admin })
	if !same {
		p.targets = targets
		p.pool.SetTargets(targets)
	}
}

func (w *World) configurePool(p *pool, b Balancer, declared Pool) {
	p.declared, p.zones = declared, b.Zones
	config, err := w.poolConfig(b, declared)
	if err == nil {
		err = p.pool.Configure(config)
	}
	if err != nil {
		w.log.Error("cannot configure pool", "pool", declared.Name, "error", err)
	}
}

func (w *World) openPool(b Balancer, declared Pool) *pool {
	config, err := w.poolConfig(b, declared)
	if err != nil {
		w.log.Error("cannot open pool", "pool", declared.Name, "error", err)
		return nil
	}
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
	p := &pool{pool: running, stop: stop, declared: declared, zones: b.Zones}
	w.actual.pools[declared.ID] = p
	return p
}

func (w *World) poolConfig(b Balancer, p Pool) (balancer.PoolConfig, error) {
	check, err := checkOf(p.Check)
	if err != nil {
		return balancer.PoolConfig{}, err
	}
	config := balancer.PoolConfig{
		Check:    check,
		Drain:    p.Drain,
		FailOpen: p.FailOpen,
		OnChange: func(c balancer.Change) { w.targetChanged(p.ID, c) },
	}
	config.CutLone = b.Layer == 4
	l := lead{balancer: b.ID, pool: p.ID, crossZone: p.CrossZone}
	config.Dial = over(p.Secure, w.dialer(l))
	l.check = true
	config.DialCheck = over(p.Check.Secure, w.dialer(l))
	if p.Algorithm == LeastOutstanding {
		config.Algorithm = balancer.LeastOutstanding
	}
	if b.Layer == 7 && !p.CrossZone {
		config.ZoneIsolated, config.Zones = true, b.Zones
	}
	return config, nil
}

func over(secure bool, dial balancer.DialFunc) balancer.DialFunc {
	if secure {
		return balancer.OverTLS(dial)
	}
	return dial
}

// targets are the instances in service of the groups that belong to a pool.
// One that has ended stays among them until its group has noticed.
func (w *World) targets(p Pool) []balancer.Target {
	var out []balancer.Target
	for _, id := range slices.Sorted(maps.Keys(w.declared.Groups)) {
		if !slices.Contains(w.declared.Groups[id].Pools, p.ID) {
			continue
		}
		for _, i := range w.instancesOf(id) {
			if i.State == InService || i.State == Stopped || w.actual.leaving[i.ID] {
				t := balancer.Target{
					ID: i.ID, Zone: i.Zone, Address: net.JoinHostPort(i.Address, strconv.Itoa(p.Port)), Last: i.Health[p.ID],
				}
				if w.inForce(AdminDown, i.ID) {
					t.Admin = balancer.AdminDown
				}
				out = append(out, t)
			}
		}
	}
	return out
}

// targetChanged notes what a pool says of an instance. Its own lock order
// allows it: the pool calls without holding anything.
func (w *World) targetChanged(pool string, c balancer.Change) {
	w.update(func() {
		i, ok := w.state.Instances[c.Target.ID]
		if !ok {
			return
		}
		if c.To == health.Unused {
			delete(i.Health, pool)
			return
		}
		if i.Health == nil {
			i.Health = map[string]health.State{}
		}
		i.Health[pool] = c.To
		w.actual.unwell[i.ID] = strings.TrimPrefix(because(c), ": ")
		if c.To == health.Healthy && !slices.Contains(i.Passed, pool) {
			i.Passed = append(i.Passed, pool)
		}
		w.event("target", i.ID, fmt.Sprintf("%s in pool %s%s", c.To, w.declared.Pools[pool].Name, because(c)))
	})
}

func because(c balancer.Change) string {
	switch {
	case c.Detail != "":
		return ": " + c.Detail
	case c.Reason != "":
		return ": " + string(c.Reason)
	}
	return ""
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
