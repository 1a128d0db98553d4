package providertest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/uploads"
	"orchard/localcloud/internal/world"
)

// World keeps resources in memory and translates them at each Put, as a real
// world does. What runs is up to the test.
type World struct {
	Check    func([]world.Resource) error               // the cloud's translation
	Have     []world.Resource                           // Resources gives a snapshot
	OnSettle func(ctx context.Context, id string) error // nil: at once
	Folder   uploads.Folder                             // "": instances have put nothing

	mu    sync.Mutex
	hosts map[string]string
	order int
}

var _ provider.World = (*World)(nil)

// Uploads is the Folder.
func (w *World) Uploads() uploads.Folder { return w.Folder }

// Resources is a snapshot of all resources.
func (w *World) Resources() []world.Resource {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.Have)
}

// Of lists the resources of a type.
func (w *World) Of(typ string) []world.Resource {
	return slices.DeleteFunc(w.Resources(), func(r world.Resource) bool { return r.Type != typ })
}

func (w *World) first(is func(world.Resource) bool) (world.Resource, bool) {
	for _, r := range w.Resources() {
		if is(r) {
			return r, true
		}
	}
	return world.Resource{}, false
}

// Lookup finds a resource by its id.
func (w *World) Lookup(id string) (world.Resource, bool) {
	return w.first(func(r world.Resource) bool { return r.ID == id })
}

// Unconfirmed finds a resource by its URN that is not confirmed.
func (w *World) Unconfirmed(urn string) (world.Resource, bool) {
	return w.first(func(r world.Resource) bool { return r.URN == urn && !r.Confirmed })
}

// Put records a resource, unless the Check refuses what there would be then.
func (w *World) Put(_ context.Context, r world.Resource) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := slices.Clone(w.Have)
	if i := slices.IndexFunc(next, func(have world.Resource) bool { return have.ID == r.ID }); i >= 0 {
		next[i] = r
	} else {
		w.order++
		r.Order = w.order
		next = append(next, r)
	}
	if err := w.Check(next); err != nil {
		return err
	}
	w.Have = next
	return nil
}

// Remove forgets a resource.
func (w *World) Remove(_ context.Context, id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Have = slices.DeleteFunc(w.Have, func(r world.Resource) bool { return r.ID == id })
	return nil
}

// Settle is OnSettle.
func (w *World) Settle(ctx context.Context, id string) error {
	if w.OnSettle == nil {
		return nil
	}
	return w.OnSettle(ctx, id)
}

// SettleRemoved waits for nothing.
func (w *World) SettleRemoved(context.Context, string) error { return nil }

// Number is 7.
func (w *World) Number() int { return 7 }

// Host counts up from 127.7.0.10.
func (w *World) Host(kind, id string) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.hosts == nil {
		w.hosts = map[string]string{}
	}
	key := kind + "/" + id
	if w.hosts[key] == "" {
		w.hosts[key] = fmt.Sprintf("127.7.0.%d", 10+len(w.hosts))
	}
	return w.hosts[key], nil
}
