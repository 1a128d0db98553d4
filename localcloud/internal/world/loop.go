package world

import (
	"context"
	"fmt"
	"time"
)

// tick is how often the loop looks at what changes with time alone, such as the
// end of a grace period. Everything else wakes it.
const tick = 250 * time.Millisecond

// Run adopts what runs, then keeps the actual at the declared until ctx ends.
// It returns when its tasks have ended; instances and database servers run on.
func (w *World) Run(ctx context.Context) error {
	if err := w.begin(ctx); err != nil {
		return fmt.Errorf("bring world of stack %s back: %w", w.state.Stack, err)
	}
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		if err := w.reconcile(time.Now()); err != nil {
			return fmt.Errorf("world of stack %s: %w", w.state.Stack, err)
		}
		select {
		case <-ctx.Done():
			return w.end()
		case <-ticker.C:
		case <-w.kick:
		}
	}
}

func (w *World) begin(ctx context.Context) error {
	w.mu.Lock()
	w.ctx = ctx
	w.mu.Unlock()
	for _, cloud := range w.opts.Clouds {
		if err := cloud.Serve(ctx, w); err != nil {
			return err
		}
	}
	if err := w.adopt(); err != nil {
		return err
	}
	w.running.Go(func() { w.watchMetrics(ctx) })
	w.running.Go(func() { w.record(ctx) })
	return nil
}

// reconcile decides what to do, writes it down and only then does it.
func (w *World) reconcile(now time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.planPhases(now)
	w.planHooks(now)
	w.planOwnHealth(now)
	steps := w.planFaults(now)
	w.planOpen()
	steps = append(steps, w.planDatabases()...)
	steps = append(steps, w.planGroups(now)...)
	w.planListeners() // last, so that it sees who is going
	if len(steps) == 0 && !w.unsaved {
		return nil
	}
	w.unsaved = false
	if err := w.save(); err != nil {
		return err
	}
	for _, s := range steps {
		w.start(s)
	}
	return nil
}

// step is a task that the loop has decided on. There is at most one with a key
// at a time.
type step struct {
	key string
	do  func(ctx context.Context)
}

// start runs a step beside the loop. Callers hold the lock.
func (w *World) start(s step) {
	if w.tasks[s.key] {
		return
	}
	w.tasks[s.key] = true
	w.running.Go(func() {
		s.do(w.ctx)
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.tasks, s.key)
		w.wake()
	})
}

// update changes the state under the lock, writes it and wakes the loop. A
// world that cannot write goes on with what it knows and says so each time.
func (w *World) update(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
	if err := w.save(); err != nil {
		w.log.Error("cannot write state", "error", err)
	}
	w.wake()
}

// end closes what needs the daemon and leaves running what does not.
func (w *World) end() error {
	w.running.Wait()
	return w.events.close()
}
