package azure_test

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/provider/azure"
	"orchard/localcloud/internal/uploads"
	"orchard/localcloud/internal/world"
)

// memoryWorld keeps resources in memory and translates them at each Put, as
// a real world does. What runs is up to the test.
type memoryWorld struct {
	mu        sync.Mutex
	resources []world.Resource
	hosts     map[string]string
	order     int

	settle  func(ctx context.Context, id string) error // nil: at once
	uploads uploads.Folder                             // "": instances have put nothing
}

func (w *memoryWorld) Uploads() uploads.Folder { return w.uploads }

var _ provider.World = (*memoryWorld)(nil)

func (w *memoryWorld) Resources() []world.Resource {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.resources)
}

func (w *memoryWorld) first(is func(world.Resource) bool) (world.Resource, bool) {
	for _, r := range w.Resources() {
		if is(r) {
			return r, true
		}
	}
	return world.Resource{}, false
}

func (w *memoryWorld) Lookup(id string) (world.Resource, bool) {
	return w.first(func(r world.Resource) bool { return r.ID == id })
}

func (w *memoryWorld) Unconfirmed(urn string) (world.Resource, bool) {
	return w.first(func(r world.Resource) bool { return r.URN == urn && !r.Confirmed })
}

func (w *memoryWorld) Put(_ context.Context, r world.Resource) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := slices.Clone(w.resources)
	if i := slices.IndexFunc(next, func(have world.Resource) bool { return have.ID == r.ID }); i >= 0 {
		next[i] = r
	} else {
		w.order++
		r.Order = w.order
		next = append(next, r)
	}
	if _, _, err := azure.Declare(next); err != nil {
		return err
	}
	w.resources = next
	return nil
}

func (w *memoryWorld) Remove(_ context.Context, id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.resources = slices.DeleteFunc(w.resources, func(r world.Resource) bool { return r.ID == id })
	return nil
}

func (w *memoryWorld) Settle(ctx context.Context, id string) error {
	if w.settle == nil {
		return nil
	}
	return w.settle(ctx, id)
}

func (w *memoryWorld) SettleRemoved(context.Context, string) error { return nil }

func (w *memoryWorld) Number() int { return 7 }

func (w *memoryWorld) Host(kind, id string) (string, error) {
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

// of lists the resources of a type.
func (w *memoryWorld) of(typ string) []world.Resource {
	return slices.DeleteFunc(w.Resources(), func(r world.Resource) bool { return r.Type != typ })
}
