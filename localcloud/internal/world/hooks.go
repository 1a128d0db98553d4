package world

import (
	"fmt"
	"time"

	"orchard/localcloud/internal/machine"
)

// lastWords is how long the boot script of an abandoned instance may take to
// end, so that its console log says why.
const lastWords = 2 * time.Second

// CompleteHook ends the wait of a new instance: it comes into service, or is
// given up. The error says what is wrong with the call; a hook that has been
// completed before is none to complete.
func (w *World) CompleteHook(instance, hook string, proceed bool) error {
	err := fmt.Errorf("no lifecycle action of hook %s is under way for instance %s", hook, instance)
	w.update(func() {
		i := w.state.Instances[instance]
		if i == nil || i.State != Waiting || !i.Abandoned.IsZero() {
			return
		}
		if declared := w.declared.Groups[i.Group].Hook; declared == nil || declared.Name != hook {
			return
		}
		err = nil
		if !proceed {
			w.abandon(i, "it gave its launch up", time.Now())
			return
		}
		w.enterService(i, time.Now())
		w.event("instance", instance, "has completed its launch hook")
	})
	return err
}

// enterService begins the time in which an instance takes load. Callers hold
// the lock.
func (w *World) enterService(i *Instance, now time.Time) {
	i.State, i.InService = InService, now
}

// abandon gives up an instance that waits. It is terminated once its boot
// script has had its say. Callers hold the lock.
func (w *World) abandon(i *Instance, why string, now time.Time) {
	w.event("instance", i.ID, "abandoned: "+why)
	w.bootFailed(i, now)
	i.Abandoned = now
}

// planHooks ends the waits that have lasted too long.
func (w *World) planHooks(now time.Time) {
	for _, i := range w.state.Instances {
		hook := w.declared.Groups[i.Group].Hook
		switch {
		case i.State != Waiting || !i.Abandoned.IsZero():
		case hook == nil: // the program has taken the hook away
			w.enterService(i, now)
		case now.Before(i.Launched.Add(hook.Heartbeat)):
		case hook.Abandon:
			w.abandon(i, fmt.Sprintf("hook %s was not completed in %s", hook.Name, hook.Heartbeat), now)
		default:
			w.event("instance", i.ID, fmt.Sprintf("comes into service, as hook %s was not completed", hook.Name))
			w.enterService(i, now)
		}
	}
}

// givenUp says whether an abandoned instance may be terminated.
func (w *World) givenUp(i *Instance, now time.Time) bool {
	if i.Abandoned.IsZero() {
		return false
	}
	return w.actual.phases[i.ID] == machine.ScriptFailed || !now.Before(i.Abandoned.Add(lastWords))
}
