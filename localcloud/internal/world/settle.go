package world

import (
	"context"
	"fmt"
	"time"
)

// await calls done under the lock after each change until it says so, it fails
// or ctx ends.
func (w *World) await(ctx context.Context, done func() (bool, error)) error {
	for {
		w.mu.Lock()
		ok, err := done()
		changed := w.changed
		w.mu.Unlock()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-changed:
		}
	}
}

// Settle waits until what a resource declares is running: a group's instances
// are healthy, a database accepts logins, a listener is bound. A resource that
// runs nothing is settled at once. It fails as soon as it is plain that
// waiting will not help.
func (w *World) Settle(ctx context.Context, id string) error {
	if timeout := w.settleTimeout(id); timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, fmt.Errorf("gave up after %s", timeout))
		defer cancel()
	}
	err := w.await(ctx, func() (bool, error) { return w.settled(id) })
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %s", err, w.unsettled(id))
	}
	return err
}

func (w *World) settleTimeout(id string) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.scaledWait(w.declared.Groups[id].WaitTimeout)
}

func (w *World) settled(id string) (bool, error) {
	if whole, ok := w.declared.Parts[id]; ok {
		id = whole
	}
	if _, ok := w.declared.Groups[id]; ok {
		return w.groupSettled(id)
	}
	if db, ok := w.declared.Databases[id]; ok {
		return w.databaseSettled(db)
	}
	if l, ok := w.findListener(id); ok {
		return w.listenerSettled(l)
	}
	return true, nil
}

// unsettled is the sentence that says what a wait was still waiting for.
func (w *World) unsettled(id string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if g, ok := w.declared.Groups[id]; ok {
		return w.groupUnsettled(g)
	}
	return "it was still being started"
}

// SettleRemoved waits until nothing of a removed resource runs any more.
func (w *World) SettleRemoved(ctx context.Context, id string) error {
	return w.await(ctx, func() (bool, error) {
		if _, ok := w.state.Databases[id]; ok {
			return false, nil
		}
		for _, instance := range w.state.Instances {
			if instance.Group == id {
				return false, nil
			}
		}
		return !w.listening(id), nil
	})
}
