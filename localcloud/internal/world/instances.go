package world

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"orchard/localcloud/internal/machine"
)

// shutdownGrace is how long an instance may take to stop in an orderly way: as
// long as systemd gives the units of a machine that is shut down.
const shutdownGrace = 90 * time.Second

// InstanceFolder is where an instance keeps its files.
func (w *World) InstanceFolder(id string) string { return filepath.Join(w.folder, "i", id) }

// bootStep starts an instance that has been written down.
func (w *World) bootStep(i Instance, version TemplateVersion) step {
	return step{key: taskOf(&i), do: func(ctx context.Context) {
		record, err := w.boot(ctx, i, version)
		w.update(func() {
			have := w.state.Instances[i.ID]
			if err != nil {
				w.event("instance", i.ID, "cannot be started: "+err.Error())
				w.bootFailed(have, time.Now())
				have.State, have.Reason = Terminating, "it could not be started"
				w.actual.gone[i.ID] = time.Now()
				return
			}
			have.Process = &record
			if w.declared.Groups[i.Group].Hook != nil {
				have.State = Waiting
			} else {
				w.enterService(have, time.Now())
			}
			w.watch(have)
		})
	}}
}

func (w *World) boot(ctx context.Context, i Instance, version TemplateVersion) (machine.Record, error) {
	w.cloud().Forget(w, i.ID) // what answered an earlier life of it
	image, err := w.cloud().Boot(ctx, w, i, version)
	if err != nil {
		return machine.Record{}, err
	}
	folder := w.InstanceFolder(i.ID)
	if err := os.MkdirAll(filepath.Dir(folder), 0o711); err != nil {
		return machine.Record{}, fmt.Errorf("make instance folder: %w", err)
	}
	return machine.Start(machine.Spec{
		ID: i.ID, Zone: i.Zone, Address: i.Address,
		Dir: folder, UserData: version.UserData,
		Env: image.Env, Files: image.Files, Commands: image.Commands, Health: w.probeOf(w.Declared().Groups[i.Group]),
		Executable: w.opts.Executable, Store: w.opts.Images,
	})
}

// watch takes an instance's process over and wakes the loop when it ends.
// Callers hold the lock.
func (w *World) watch(i *Instance) {
	handle, err := machine.Adopt(*i.Process)
	if err != nil {
		w.event("instance", i.ID, "is gone: "+err.Error())
		w.actual.gone[i.ID] = time.Now()
		return
	}
	w.actual.machines[i.ID] = handle
	if status, err := handle.Status(); err == nil {
		w.actual.phases[i.ID] = status.Phase // news is only what comes after
	}
	told, err := handle.Changes()
	if err != nil {
		w.log.Warn("cannot watch instance", "instance", i.ID, "error", err) // it is looked at each second all the same
	}
	w.running.Go(func() { w.follow(i.ID, handle, told) })
}

// follow wakes the loop when an instance has something to tell, until it has
// ended.
func (w *World) follow(id string, handle *machine.Handle, told <-chan struct{}) {
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-told:
			w.mu.Lock()
			w.actual.news[id] = true
			w.wake()
			w.mu.Unlock()
		case <-handle.Done():
			w.mu.Lock()
			defer w.mu.Unlock()
			if have, ok := w.state.Instances[id]; ok && have.State != Terminating {
				w.event("instance", id, "its init process has ended")
			}
			w.actual.gone[id] = time.Now()
			w.wake()
			return
		}
	}
}

// planTermination takes an instance out of its pools, and ends it once it has
// drained.
func (w *World) planTermination(i *Instance, reason string) []step {
	if w.tasks[taskOf(i)] {
		return nil // it is still being started; the loop comes back to it
	}
	if i.State != Terminating {
		w.event("instance", i.ID, "terminate: "+reason)
		w.actual.leaving[i.ID] = w.toBeTold(i)
		i.State, i.Reason = Terminating, reason
	}
	id := i.ID
	return []step{{key: taskOf(i), do: func(ctx context.Context) {
		if err := w.terminate(ctx, id); err != nil && ctx.Err() == nil {
			w.log.Error("cannot terminate instance", "instance", id, "error", err)
		}
	}}}
}

func (w *World) terminate(ctx context.Context, id string) error {
	if err := w.giveNotice(ctx, id); err != nil {
		return err
	}
	// The record says terminating, so the loop has taken it out of its pools,
	// or does so now; each pool says when it has drained.
	err := w.await(ctx, func() (bool, error) {
		i := w.state.Instances[id]
		return w.gone(id) || len(i.Health) == 0, nil
	})
	if err != nil {
		return err
	}
	w.mu.Lock()
	handle := w.actual.machines[id]
	w.mu.Unlock()
	if handle != nil {
		err = handle.Terminate(ctx, shutdownGrace)
	}
	// Whatever its init said, nothing of it may be left.
	if err := errors.Join(err, machine.Sweep(id)); err != nil {
		return err
	}
	return w.forget(id)
}

// forget removes the record of an instance of which nothing runs any more, and
// keeps its console log.
func (w *World) forget(id string) error {
	w.cloud().Forget(w, id)
	err := errors.Join(w.keepConsole(id), os.RemoveAll(w.InstanceFolder(id)))
	w.update(func() {
		delete(w.state.Instances, id)
		delete(w.actual.machines, id)
		delete(w.actual.gone, id)
		delete(w.actual.phases, id)
		delete(w.actual.discarded, id)
		delete(w.actual.leaving, id)
		delete(w.actual.unwell, id)
		delete(w.actual.news, id)
		delete(w.actual.hung, id)
	})
	return err
}

// planPhases notes how far the instances have come that are still booting.
func (w *World) planPhases(now time.Time) {
	for id, handle := range w.actual.machines {
		i := w.state.Instances[id]
		if i == nil || w.actual.phases[id] == machine.Running || w.actual.phases[id] == machine.ScriptFailed {
			continue
		}
		status, err := handle.Status()
		if err != nil || status.Phase == w.actual.phases[id] {
			continue
		}
		w.actual.phases[id] = status.Phase
		switch status.Phase {
		case machine.Running:
			delete(w.actual.failures, i.Group)
			w.event("instance", id, fmt.Sprintf("user-data has ended well after %s", now.Sub(i.Launched).Round(10*time.Millisecond)))
		case machine.ScriptFailed:
			w.bootFailed(i, now)
			w.actual.broken[i.Group] = w.whyBroken(i, status)
			w.event("instance", id, status.Problem)
		}
		w.wake()
	}
}

// shownLines is how much of a console log an error shows: its end, where the
// reason is.
const shownLines = 4

// whyBroken is what is told of an instance whose user-data has failed. A line
// that repeats the one before it says nothing new.
func (w *World) whyBroken(i *Instance, status machine.State) string {
	lines := slices.Compact(slices.Clone(status.Console))
	why := fmt.Sprintf("%s of %s; its console ends:\n  %s", status.Problem, i.ID,
		strings.Join(lines[max(0, len(lines)-shownLines):], "\n  "))
	if refused := w.actual.refused[i.Group].why; refused != "" {
		return refused + "; " + why
	}
	return why
}

// bootFailed counts the launch of an instance as a failure, once.
func (w *World) bootFailed(i *Instance, now time.Time) {
	if i.Failed {
		return
	}
	i.Failed = true
	zones := w.actual.failures[i.Group]
	if zones == nil {
		zones = map[string][]time.Time{}
		w.actual.failures[i.Group] = zones
	}
	zones[i.Zone] = append(zones[i.Zone], now)
}
