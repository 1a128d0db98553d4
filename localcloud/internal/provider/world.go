package provider

import (
	"context"

	"orchard/localcloud/internal/uploads"
	"orchard/localcloud/internal/world"
)

// World is what the server needs of one stack's world.
type World interface {
	// Resources is a snapshot of all resources.
	Resources() []world.Resource
	// Lookup finds a resource by its id.
	Lookup(id string) (world.Resource, bool)
	// Unconfirmed finds a resource by its URN whose id the engine has not
	// named since the Create.
	Unconfirmed(urn string) (world.Resource, bool)
	// Put records a resource durably and numbers a new one (Order). It refuses, and keeps the world as it
	// was, when the cloud's translation of all resources fails.
	Put(ctx context.Context, r world.Resource) error
	// Remove forgets a resource.
	Remove(ctx context.Context, id string) error
	// Settle waits until what the resource declares runs, and says why when
	// it cannot.
	Settle(ctx context.Context, id string) error
	// SettleRemoved waits until nothing of a removed resource runs any more.
	SettleRemoved(ctx context.Context, id string) error
	// Uploads is where it keeps what instances have put into buckets.
	Uploads() uploads.Folder
	// Number is W of the world's addresses 127.W.zone.host.
	Number() int
	// Host is the loopback address of an object in zone 0, the same at every
	// call. The kind is "balancer" or "database".
	Host(kind, id string) (string, error)
}
