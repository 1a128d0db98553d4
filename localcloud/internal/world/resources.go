package world

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"orchard/localcloud/internal/machine"
)

// Resources are the world's resources, in the order of their creation.
func (w *World) Resources() []Resource {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.state.Resources)
}

// Lookup finds a resource by its id.
func (w *World) Lookup(id string) (Resource, bool) {
	return w.find(func(r Resource) bool { return r.ID == id })
}

// Unconfirmed finds the resource of a Create whose answer the engine may not
// have received.
func (w *World) Unconfirmed(urn string) (Resource, bool) {
	return w.find(func(r Resource) bool { return r.URN == urn && !r.Confirmed })
}

func (w *World) find(is func(Resource) bool) (Resource, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.IndexFunc(w.state.Resources, is)
	if i < 0 {
		return Resource{}, false
	}
	return w.state.Resources[i], true
}

// Put adds or replaces a resource (by id). It is on disk when Put returns; a
// resource that its cloud refuses changes nothing.
func (w *World) Put(_ context.Context, r Resource) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := slices.Clone(w.state.Resources)
	if i := slices.IndexFunc(next, func(have Resource) bool { return have.ID == r.ID }); i >= 0 {
		r.Order = next[i].Order
		next[i] = r
	} else {
		w.state.Sequence++
		r.Order = w.state.Sequence
		next = append(next, r)
	}
	return w.replaceResources(next)
}

// Remove forgets a resource. What it declared is taken down afterwards; wait
// for that with SettleRemoved. An id that is not there is no error.
func (w *World) Remove(_ context.Context, id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := slices.DeleteFunc(slices.Clone(w.state.Resources), func(r Resource) bool { return r.ID == id })
	if len(next) == len(w.state.Resources) {
		return nil
	}
	for _, kind := range hostKinds {
		delete(w.state.Hosts, kind+"/"+id)
	}
	return w.replaceResources(next)
}

func (w *World) replaceResources(next []Resource) error {
	declared, err := w.translate(next)
	if err != nil {
		return err
	}
	before := w.state.Resources
	w.state.Resources = next
	if len(next) > 0 {
		w.state.Cloud = next[0].Cloud
	}
	if err := w.save(); err != nil {
		w.state.Resources = before
		return fmt.Errorf("keep resource: %w", err)
	}
	for id, g := range declared.Groups {
		if before, ok := w.declared.Groups[id]; !ok || !reflect.DeepEqual(before.itself(), g.itself()) {
			w.state.Changed[id] = time.Now()
		}
	}
	w.declared = declared
	w.retryProblems()
	w.wake()
	return nil
}

// retryProblems has everything that failed tried again: the program has
// changed, or the engine has come back to ask.
func (w *World) retryProblems() {
	for id, l := range w.actual.listeners {
		if l.problem != nil {
			delete(w.actual.listeners, id)
		}
	}
	for _, db := range w.state.Databases {
		db.Error = ""
	}
	clear(w.state.FailedRepairs)
	clear(w.actual.failures)
	clear(w.actual.broken)
	clear(w.actual.refused)
	for id, phase := range w.actual.phases {
		if phase == machine.ScriptFailed {
			w.actual.discarded[id] = true
		}
	}
}
