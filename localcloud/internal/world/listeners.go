package world

import (
	"context"
	"maps"
	"net"
	"slices"
	"strconv"
	"time"
)

// listener is a bound listener.
type listener struct {
	declared Listener
	entrance *entrance
	address  string // host:port
	door     door   // nil while it is not bound
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
			if open := w.actual.listeners[l.ID]; open != nil {
				open.entrance.set(b, l.ID)
			}
		}
	}
}

func (w *World) openListener(b Balancer, l Listener) {
	p, ok := w.actual.pools[l.Pool]
	if w.listening(l.ID) || !ok {
		return
	}
	address := net.JoinHostPort(b.Address, strconv.Itoa(l.Port))
	ctx, stop := context.WithCancel(w.ctx)
	open := &listener{declared: l, entrance: &entrance{}, address: address, stop: stop, ended: make(chan struct{})}
	open.entrance.set(b, l.ID)
	w.actual.listeners[l.ID] = open
	running, err := w.bind(b, l, address, p.pool, open.entrance.allow)
	if err != nil {
		stop()
		close(open.ended)
		open.problem = err
		w.wake()
		return
	}
	open.door = running
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
