package world

import (
	"errors"
	"net"
	"sync/atomic"
)

// entrance decides which clients come through to a listener. A client meets one
// of the balancer's nodes, each node as many clients as another, in turn.
// Connections that clients have open are not stopped.
type entrance struct {
	nodes atomic.Pointer[[]error] // what keeps clients from each node; nil while nothing does
	turn  atomic.Uint64
}

// set takes what blocks the ways to a listener of a balancer.
func (e *entrance) set(b Balancer, listener string) {
	zones := b.Zones
	if len(zones) == 0 {
		zones = []string{""}
	}
	nodes, some := make([]error, len(zones)), false
	for n, zone := range zones {
		if block, blocked := b.Blocked.at(Path{Zone: zone, End: listener}); blocked {
			nodes[n], some = errors.New(block.Why), true
		}
	}
	if !some {
		e.nodes.Store(nil)
		return
	}
	e.nodes.Store(&nodes)
}

func (e *entrance) allow(net.Conn) error {
	nodes := e.nodes.Load()
	if nodes == nil {
		return nil
	}
	return (*nodes)[e.turn.Add(1)%uint64(len(*nodes))]
}
