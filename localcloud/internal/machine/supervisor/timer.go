package supervisor

import (
	"context"
	"sync"
	"time"

	"orchard/localcloud/internal/machine/unit"
)

// timer is one .timer unit: while it is active it starts its service whenever
// it is due. A service that runs then is left to run, and that beat is left
// out (systemd.timer(5)).
type timer struct {
	m    *Manager
	name string

	mu     sync.Mutex
	status UnitStatus
	cancel context.CancelFunc // nil while it is not active
}

func newTimer(m *Manager, name string) *timer {
	return &timer{m: m, name: name, status: UnitStatus{Active: "inactive", Sub: "dead"}}
}

func (t *timer) state() UnitStatus {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.status
}

// set publishes a status; the caller holds the lock.
func (t *timer) set(sub string) {
	t.status = UnitStatus{Active: "active", Sub: sub, Result: string(success)}
	t.m.changes.tell()
}

// start begins to count; nothing when it does already.
func (t *timer) start(def unit.Unit) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cancel != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.cancel = cancel
	t.set("waiting")
	go t.run(ctx, *def.Timer)
}

func (t *timer) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cancel == nil {
		return
	}
	t.cancel()
	t.cancel = nil
	t.status = UnitStatus{Active: "inactive", Sub: "dead"}
	t.m.changes.tell()
}

func (t *timer) run(ctx context.Context, def unit.Timer) {
	started := time.Now()
	last := started
	for {
		if now := time.Now(); now.After(last) { // a clock that was set back beats no second time
			last = now
		}
		due, ok := def.Next(started, last)
		if !ok {
			t.become(ctx, "elapsed")
			return
		}
		select {
		case <-time.After(time.Until(due)):
			last = due
			t.become(ctx, "running")
			t.beat(def.Service)
			t.become(ctx, "waiting")
		case <-ctx.Done():
			return
		}
	}
}

// become publishes what a timer does that has not been stopped.
func (t *timer) become(ctx context.Context, sub string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if ctx.Err() == nil {
		t.set(sub)
	}
}

// beat starts the service and, where that is a oneshot, waits until it ends.
func (t *timer) beat(service string) {
	switch t.m.status(service).Active {
	case "inactive", "failed":
	default:
		return
	}
	if err := t.m.Start(service); err != nil {
		t.m.console.line(t.name, err.Error())
	}
}
