package world

import (
	"time"

	"orchard/localcloud/internal/health"
	"orchard/localcloud/internal/machine"
	"orchard/localcloud/internal/postgres"
	"orchard/localcloud/internal/scaling"
)

// Instance is one instance that runs, ran until just now, or is about to.
type Instance struct {
	ID              string        `json:"id"`
	Group           string        `json:"group"`
	Zone            string        `json:"zone"`
	Address         string        `json:"address"` // loopback IP of its own
	Template        string        `json:"template"`
	TemplateVersion int           `json:"templateVersion"`
	Identity        string        `json:"identity,omitempty"` // who it is to its cloud
	State           InstanceState `json:"state"`
	Launched        time.Time     `json:"launched"`
	InService       time.Time     `json:"inService,omitzero"` // since when
	Abandoned       time.Time     `json:"abandoned,omitzero"` // when its launch was given up
	Failed          bool          `json:"failed,omitempty"`   // its launch has been counted as a failure
	Reason          string        `json:"reason,omitempty"`   // why it is going, once it is
	Surplus         bool          `json:"surplus,omitempty"`  // launched above desired, to take over

	// Health is what each pool last said of it, by the pool's id. A balancer
	// that comes back starts from it.
	Health map[string]health.State `json:"health,omitempty"`
	Passed []string                `json:"passed,omitempty"` // pools in which it has been healthy
	// Own is what it last said of itself, where its group asks it.
	Own       health.State `json:"own,omitempty"`
	OwnSince  time.Time    `json:"ownSince,omitzero"`   // since when it is unhealthy by its own word
	OwnPassed bool         `json:"ownPassed,omitempty"` // it has been healthy by its own word

	// Process is nil until the instance has one.
	Process *machine.Record `json:"process,omitempty"`
}

// InstanceState is where an instance is in its life.
type InstanceState string

// The states of an instance. There is no state for "gone": the record is
// removed once no process of it is left.
const (
	Pending     InstanceState = "pending"     // written down, no process yet
	Waiting     InstanceState = "waiting"     // its init process runs, and it has not completed its launch hook
	InService   InstanceState = "in service"  // its init process runs, whatever its health
	Stopped     InstanceState = "stopped"     // it has ended with its zone, and starts again with it
	Terminating InstanceState = "terminating" // draining, shutting down or dead
)

// DatabaseServer is the running side of a Database.
type DatabaseServer struct {
	ID    string          `json:"id"`
	Pair  *postgres.State `json:"pair,omitempty"` // nil until it has been created
	Error string          `json:"error,omitempty"`
}

// actual is what runs and is not on disk: the handles of it.
type actual struct {
	machines  map[string]*machine.Handle // by instance
	gone      map[string]time.Time       // instances whose init process has ended, and when
	databases map[string]*database
	pools     map[string]*pool
	listeners map[string]*listener
	news      map[string]bool // instances that have changed what they tell
	looked    time.Time       // when all of them were last looked at
	metrics   metrics
	alarms    map[string][]scaling.Alarm        // by group, of its policies
	flapping  map[string]bool                   // groups that would scale in, and out again
	suspended map[string]bool                   // groups whose repairs are
	hung      map[string]bool                   // instances that faults have stopped
	stopped   map[postgres.Process]bool         // database servers that a hanging zone has
	closing   map[string]chan struct{}          // listeners that are on their way out
	failures  map[string]map[string][]time.Time // boots that failed, by group and zone, since one that did not
	phases    map[string]machine.Phase          // how far an instance was when last looked at
	discarded map[string]bool                   // instances whose boot script failed before the program changed
	broken    map[string]string                 // by group: what the last failed boot script said
	unwell    map[string]string                 // by instance: why its pool does not call it healthy
	refused   map[string]refusal                // by group: what its cloud last refused to an instance
	open      map[route]*open                   // connections that a fault or a rule can stop
	leaving   map[string]bool                   // instances that have been told of their end and are still in their pools
	nextHost  map[string]int                    // by zone: where the search for an address goes on
}

func newActual() actual {
	return actual{
		machines:  map[string]*machine.Handle{},
		gone:      map[string]time.Time{},
		databases: map[string]*database{},
		pools:     map[string]*pool{},
		listeners: map[string]*listener{},
		news:      map[string]bool{},
		metrics:   metrics{readings: map[string][]reading{}},
		alarms:    map[string][]scaling.Alarm{},
		flapping:  map[string]bool{},
		suspended: map[string]bool{},
		hung:      map[string]bool{},
		stopped:   map[postgres.Process]bool{},
		closing:   map[string]chan struct{}{},
		failures:  map[string]map[string][]time.Time{},
		phases:    map[string]machine.Phase{},
		discarded: map[string]bool{},
		broken:    map[string]string{},
		unwell:    map[string]string{},
		refused:   map[string]refusal{},
		open:      map[route]*open{},
		leaving:   map[string]bool{},
		nextHost:  map[string]int{},
	}
}
