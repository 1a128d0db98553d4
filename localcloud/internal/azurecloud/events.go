package azurecloud

import (
	"sync"
	"time"

	"orchard/localcloud/internal/metadata"
	"orchard/localcloud/internal/world"
)

// events are the scheduled events of each instance. Its zero value is ready.
type events struct {
	mu   sync.Mutex
	each map[string]*metadata.Events // by instance
}

func (e *events) of(instance string) *metadata.Events {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.each == nil {
		e.each = map[string]*metadata.Events{}
	}
	if e.each[instance] == nil {
		e.each[instance] = metadata.NewEvents()
	}
	return e.each[instance]
}

func (e *events) forget(instance string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.each, instance)
}

// Announce schedules the Terminate event of an instance. Its id is the same
// each time, so that a daemon that comes back does not announce a second one.
func (c *Cloud) Announce(_ *world.World, i world.Instance, end time.Time) <-chan struct{} {
	return c.events.of(i.ID).Announce(metadata.Event{
		ID: guid("terminate " + i.ID), Type: "Terminate", Resource: i.ID, NotBefore: end, Source: "Platform",
	})
}
