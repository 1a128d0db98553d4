package world

import (
	"context"
	"time"
)

// toBeTold says whether an instance that is to be ended is told so, and stays in
// its pools until it has agreed. Not one whose group is deleted: the whole of it
// goes. Callers hold the lock.
func (w *World) toBeTold(i *Instance) bool {
	return w.declared.Groups[i.Group].Notice > 0 && i.State == InService && !w.gone(i.ID)
}

// giveNotice tells an instance that it is to be ended, where its group asks for
// that, and returns when it has agreed, its time is over or it has ended by
// itself. Repeated by the next daemon, it gives the whole time once more.
func (w *World) giveNotice(ctx context.Context, id string) error {
	w.mu.Lock()
	i := *w.state.Instances[id]
	notice := w.declared.Groups[i.Group].Notice
	ended, gone := make(<-chan struct{}), w.gone(id)
	if handle := w.actual.machines[id]; handle != nil {
		ended = handle.Done()
	}
	w.mu.Unlock()
	if notice > 0 && !gone {
		end := time.NewTimer(notice)
		defer end.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-w.cloud().Announce(w, i, time.Now().Add(notice)):
			w.event("instance", id, "has agreed to its end")
		case <-end.C:
			w.event("instance", id, "has not agreed to its end in time")
		case <-ended:
		}
	}
	w.update(func() { delete(w.actual.leaving, id) })
	return nil
}
