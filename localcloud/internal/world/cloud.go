package world

import (
	"context"
	"time"

	"orchard/localcloud/internal/postgres"
)

// Cloud is what a world asks of the cloud in whose words its resources are
// written. There is one for each cloud.
type Cloud interface {
	// Declare translates the resources of a world. It decides only from its
	// arguments, and refuses what the real cloud would refuse.
	Declare(resources []Resource) (Declared, error)

	// Serve starts what instances ask a cloud for (metadata, objects,
	// secrets), for as long as ctx lasts, and returns once it listens.
	Serve(ctx context.Context, w *World) error

	// NewInstanceID makes an id in the cloud's form for an instance of a group.
	NewInstanceID(g Group) string

	// Boot says how an instance of this cloud starts: the environment of its
	// processes and what curl is to know. It starts answering the instance's
	// metadata at the same time; Forget ends that. Both may be repeated.
	Boot(ctx context.Context, w *World, instance Instance, t TemplateVersion) (Image, error)
	Forget(w *World, instanceID string)

	// Announce tells an instance that it is to be ended at a time. The
	// channel is closed when the instance agrees to its end before. It is
	// asked for groups with a Notice alone, and may be repeated.
	Announce(w *World, instance Instance, end time.Time) (agreed <-chan struct{})

	// Login decides whether a client may log in to a database, and says why
	// not. The sentence is logged, not sent.
	Login(ctx context.Context, w *World, db Database, login postgres.Login) error

	// DatabaseRoles are the roles that this cloud's databases come with: the
	// cloud's own superuser, and the group roles.
	DatabaseRoles() (superuser string, groups []postgres.GroupRole)

	// DatabaseTiming is how long a failover of this cloud's databases takes
	// beside the work. Both are slow clocks.
	DatabaseTiming() postgres.Timing

	// DatabaseSetup is what else they come with: see postgres.Spec.Setup.
	DatabaseSetup() []string
}

// Image is what an instance finds when it starts.
type Image struct {
	Env      []string          // of every process
	Files    map[string][]byte // by path in the instance's folder, such as curl/.curlrc
	Commands []string          // what the image brings, see package machine
}
