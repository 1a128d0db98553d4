package world

import (
	"context"
	"fmt"
	"net"

	"orchard/localcloud/internal/balancer"
)

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
		if i.Address == host && w.inForce(ZoneDown, i.Zone) {
			return "zone " + i.Zone + " is down"
		}
		if i.Address == host {
			return w.declared.Groups[i.Group].BlockedFrom[balancerID]
		}
	}
	return ""
}
