package world

import (
	"context"
	"fmt"
	"slices"
	"time"

	"orchard/localcloud/internal/machine"
)

// planFaults ends the faults whose time is over, and brings the instances to
// what those in force make of them. An instance that comes up in a zone that
// is down, or after the daemon was, is no exception.
func (w *World) planFaults(now time.Time) []step {
	left := slices.DeleteFunc(slices.Clone(w.state.Faults), func(f Fault) bool { return !now.Before(f.Until) && f.happened() })
	if len(left) < len(w.state.Faults) {
		if err := w.endFaults(left); err != nil {
			w.log.Error("cannot end faults", "error", err)
		}
	}
	var steps []step
	for n := range w.state.Faults {
		steps = append(steps, w.applyOnce(&w.state.Faults[n], now)...)
	}
	for id, handle := range w.actual.machines {
		if i := w.state.Instances[id]; i != nil && !w.gone(id) {
			steps = append(steps, w.hangOrNot(i, handle)...)
		}
	}
	return append(steps, w.planDatabaseFaults()...)
}

// happened says whether a fault that happens once has.
func (f Fault) happened() bool {
	k, err := faultKind(f.Kind)
	return f.Applied || err != nil || k.Lasts
}

// applyOnce does what is done once: a kill, and the start of a stress, which
// ends by itself.
func (w *World) applyOnce(f *Fault, now time.Time) []step {
	if f.Applied || f.Kind != InstanceKill && f.Kind != CPUStress {
		return nil
	}
	f.Applied = true
	w.unsaved = true
	handle := w.actual.machines[f.Target]
	if handle == nil {
		return nil
	}
	kind, left := f.Kind, f.Until.Sub(now)
	return []step{w.faultStep(f.Target, kind, func() error {
		if kind == InstanceKill {
			return handle.Kill()
		}
		return handle.Stress(1, left)
	})}
}

// hangOrNot makes an instance hang, or end, or go on, as its faults and those
// of its zone want it.
func (w *World) hangOrNot(i *Instance, handle *machine.Handle) []step {
	if w.inForce(ZoneDown, i.Zone) {
		return []step{w.faultStep(i.ID, ZoneDown, handle.Kill)}
	}
	hangs := i.State != Terminating && (w.inForce(InstanceHang, i.ID) || w.inForce(ZoneHang, i.Zone))
	if hangs == w.actual.hung[i.ID] || w.tasks[faultTask(i.ID, InstanceHang)] {
		return nil
	}
	if hangs {
		w.actual.hung[i.ID] = true
		return []step{w.faultStep(i.ID, InstanceHang, handle.Hang)}
	}
	delete(w.actual.hung, i.ID)
	if i.State == Terminating {
		return nil // it is killed as it is
	}
	return []step{w.faultStep(i.ID, InstanceHang, handle.Unhang)}
}

func faultTask(target, kind string) string { return fmt.Sprintf("fault/%s/%s", kind, target) }

// faultStep does something to an instance, which may have gone meanwhile.
func (w *World) faultStep(instance, kind string, do func() error) step {
	return step{key: faultTask(instance, kind), do: func(context.Context) {
		if err := do(); err != nil {
			w.mu.Lock()
			gone := w.gone(instance)
			w.mu.Unlock()
			if !gone {
				w.event("fault", instance, fmt.Sprintf("fault %s: %v", kind, err))
			}
		}
	}}
}

// unstress ends a stress before its time. Callers hold the lock.
func (w *World) unstress(instance string) {
	handle := w.actual.machines[instance]
	if handle == nil || w.gone(instance) {
		return
	}
	w.start(w.faultStep(instance, CPUStress, handle.Unstress))
}

func (w *World) inForce(kind, target string) bool {
	return slices.ContainsFunc(w.state.Faults, func(f Fault) bool { return f.Kind == kind && f.Target == target })
}

// cannotLaunch says in which zones launches fail, and why.
func (w *World) cannotLaunch() map[string]string {
	why := map[string]string{}
	for _, f := range w.state.Faults {
		switch f.Kind {
		case ZoneDown, ZoneHang:
			why[f.Target] = "the zone is down"
		case LaunchFailures:
			why[f.Target] = "insufficient capacity"
		}
	}
	return why
}

// planLost sees to instances that have ended in groups that do not replace
// them. One whose zone is down waits for the zone; another is deleted, and its
// group smaller.
func (w *World) planLost(now time.Time) []step {
	var steps []step
	for id, i := range w.state.Instances {
		g, declared := w.declared.Groups[i.Group]
		down := w.inForce(ZoneDown, i.Zone)
		switch {
		case !declared || g.ReplacesLost:
		case i.State == Stopped && !down:
			steps = append(steps, w.restart(i))
		case i.State == InService && w.gone(id) && down:
			i.State = Stopped
			w.unsaved = true
			w.event("instance", id, "has ended with its zone, and waits for it")
		case i.State == InService && w.lost(i, now):
			w.setDesired(g, w.state.Desired[i.Group]-1, fmt.Sprintf("%s has ended, and the group does not replace it", id))
			steps = append(steps, w.planTermination(i, "its process is gone")...)
		}
	}
	return steps
}

// restart boots an instance that had ended with its zone. Its user-data has
// been run; its units are started.
func (w *World) restart(i *Instance) step {
	i.State, i.Own = Pending, ""
	delete(w.actual.gone, i.ID)
	delete(w.actual.machines, i.ID)
	delete(w.actual.phases, i.ID)
	w.event("instance", i.ID, "starts again, as its zone is back")
	return w.bootStep(*i, w.declared.Templates[i.Template].Versions[i.TemplateVersion])
}
