package world

import (
	"context"
	"fmt"
	"net"

	"orchard/localcloud/internal/balancer"
)

// lead is how a balancer comes to the targets of a pool: with what clients ask
// for, or with a health check.
type lead struct {
	balancer, pool string
	crossZone      bool // any node of the balancer may come
	check          bool
}

// dialer opens a balancer's connections to the targets of a pool. Where the
// rules of the program leave the balancer no way to an instance the packets go
// nowhere, so the dial hangs until its context ends.
func (w *World) dialer(l lead) balancer.DialFunc {
	var dialer net.Dialer
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		instance, blocked := w.toInstance(l, address)
		if blocked != "" {
			<-ctx.Done()
			return nil, fmt.Errorf("no way to %s: %s: %w", address, blocked, ctx.Err())
		}
		conn, err := dialer.DialContext(ctx, network, address)
		if err == nil && instance != "" && !l.check {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.noteOpen(route{instance: instance, lead: l}, conn)
		}
		return conn, err
	}
}

// toInstance finds the instance at an address, and what keeps a balancer from
// it.
func (w *World) toInstance(l lead, address string) (instance, blocked string) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return "", ""
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, i := range w.state.Instances {
		if i.Address != host {
			continue
		}
		if w.inForce(ZoneDown, i.Zone) {
			return i.ID, "zone " + i.Zone + " is down"
		}
		block, _ := w.fromBalancer(i, l)
		return i.ID, block.Why
	}
	return "", ""
}

// fromBalancer finds what keeps a balancer from an instance. Callers hold the
// lock.
func (w *World) fromBalancer(i *Instance, l lead) (Block, bool) {
	if w.inForce(PortBlocked, i.Zone) {
		return w.faultBlock(PortBlocked, i.Zone), true
	}
	blocks := w.declared.Groups[i.Group].BlockedFrom
	if l.check {
		blocks = w.declared.Groups[i.Group].BlockedChecks
	}
	return blocks.fromBalancer(w.declared.Balancers[l.balancer], l, i.Zone)
}

// faultBlock is what a fault makes of the paths that it blocks.
func (w *World) faultBlock(kind, zone string) Block {
	return Block{Why: "fault " + Fault{Kind: kind, Target: zone}.says() + " is in force", Open: w.declared.FaultsStopOpen}
}
