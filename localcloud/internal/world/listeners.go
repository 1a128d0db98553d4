package world

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/health"
)

// pool is a running pool: one that a listener leads to. A pool without a
// listener is not checked, as on the clouds.
type pool struct {
	pool     *balancer.Pool
	stop     context.CancelFunc
	declared Pool
	targets  []balancer.Target
}

// listener is a bound listener.
type listener struct {
	declared Listener
	address  string // host:port
	stop     context.CancelFunc
	ended    chan struct{}
	problem  error // why it could not be bound; tried again when resources change
}

// listenerDrain is how long a listener that is to end waits for the requests
// in flight.
const listenerDrain = 5 * time.Second

// planListeners brings pools, their targets and listeners to what is declared.
// None of it takes long, so it is done here and not in a step.
func (w *World) planListeners() {
	wanted := map[string]Listener{}
	led := map[string]Balancer{} // pool → the balancer that leads to it
	for _, id := range slices.Sorted(maps.Keys(w.declared.Balancers)) {
		b := w.declared.Balancers[id]
		for _, l := range b.Listeners {
			wanted[l.ID], led[l.Pool] = l, b
		}
	}
	for id, l := range w.actual.listeners {
		if wanted[id] != l.declared {
			w.closeListener(id)
		}
	}
	w.planPools(led)
	for _, b := range w.declared.Balancers {
		for _, l := range b.Listeners {
			w.openListener(b, l)
		}
	}
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
		case p.declared != declared:
			w.configurePool(p, b, declared)
		}
		if p != nil {
			p.setTargets(w.targets(declared))
		}
	}
}

func (p *pool) setTargets(targets []balancer.Target) {
	same := slices.EqualFunc(p.targets, targets, func(a, b balancer.Target) bool { return a.ID == b.ID && a.Address == b.Address })
	if !same {
		p.targets = targets
		p.pool.SetTargets(targets)
	}
}

func (w *World) configurePool(p *pool, b Balancer, declared Pool) {
	p.declared = declared
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
	p := w.runPool(declared, config)
	if p != nil {
		w.actual.pools[declared.ID] = p
	}
	return p
}

func (w *World) poolConfig(b Balancer, p Pool) (balancer.PoolConfig, error) {
	check, err := checkOf(p.Check)
	if err != nil {
		return balancer.PoolConfig{}, err
	}
	return balancer.PoolConfig{
		Check:    check,
		Drain:    p.Drain,
		FailOpen: p.FailOpen,
		Dial:     w.dialer(b.ID),
		OnChange: func(c balancer.Change) { w.targetChanged(p.ID, c) },
	}, nil
}

// targets are the instances in service of the groups that belong to a pool.
func (w *World) targets(p Pool) []balancer.Target {
	var groups []Group
	for _, id := range slices.Sorted(maps.Keys(w.declared.Groups)) {
		if g := w.declared.Groups[id]; slices.Contains(g.Pools, p.ID) {
			groups = append(groups, g)
		}
	}
	return w.targetsOf(groups, p.ID, p.Port)
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

// dialer opens a balancer's connections. Where the security rules of the
// program leave the balancer no way to an instance the packets go nowhere, so
// the dial hangs until its context ends.
func (w *World) dialer(balancerID string) balancer.DialFunc {
	var dialer net.Dialer
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if blocked := w.blocked(balancerID, address); blocked != "" {
			<-ctx.Done()
			return nil, fmt.Errorf("no way to %s: %s: %w", address, blocked, ctx.Err())
		}
		return dialer.DialContext(ctx, network, address)
	}
}

func (w *World) blocked(balancerID, address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, i := range w.state.Instances {
		if i.Address == host {
			return w.declared.Groups[i.Group].BlockedFrom[balancerID]
		}
	}
	return ""
}

func (w *World) openListener(b Balancer, l Listener) {
	p, ok := w.actual.pools[l.Pool]
	if w.listening(l.ID) || !ok {
		return
	}
	address := net.JoinHostPort(b.Address, strconv.Itoa(l.Port))
	ctx, stop := context.WithCancel(w.ctx)
	open := &listener{declared: l, address: address, stop: stop, ended: make(chan struct{})}
	w.actual.listeners[l.ID] = open
	running, err := w.bind(b, address, p.pool)
	if err != nil {
		stop()
		close(open.ended)
		open.problem = err
		w.wake()
		return
	}
	w.event("balancer", b.ID, "balancer "+b.Name+" listens on "+address)
	w.running.Go(func() {
		defer close(open.ended)
		if err := running.Run(ctx); err != nil {
			w.log.Error("listener ended", "address", address, "error", err)
		}
	})
}

// closeListener ends a listener in the background; its port is free once it
// has ended.
func (w *World) closeListener(id string) {
	l := w.actual.listeners[id]
	l.stop()
	delete(w.actual.listeners, id)
	w.actual.closing[id] = l.ended
	w.running.Go(func() {
		<-l.ended
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.actual.closing, id)
		w.wake()
	})
}

// listening says whether the port of a removed listener is still bound.
func (w *World) listening(id string) bool {
	_, open := w.actual.listeners[id]
	_, closing := w.actual.closing[id]
	return open || closing
}

func (w *World) findListener(id string) (Listener, bool) {
	for _, b := range w.declared.Balancers {
		for _, l := range b.Listeners {
			if l.ID == id {
				return l, true
			}
		}
	}
	return Listener{}, false
}

func (w *World) listenerSettled(l Listener) (bool, error) {
	open, ok := w.actual.listeners[l.ID]
	if !ok || open.declared != l {
		return false, nil
	}
	return true, open.problem
}
