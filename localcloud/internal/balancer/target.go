package balancer

import (
	"time"

	"orchard/localcloud/internal/health"
)

// Target is an instance at the port that it serves.
type Target struct {
	ID, Zone string
	Address  string // IP:port
	// Admin overrides what the checks say. It may change while the target
	// stays the same one.
	Admin AdminState
	// Last is the state in which an earlier run of the program knew the
	// target; empty for a new one. A target that was healthy gets requests
	// at once. It is read when the target is first seen.
	Last health.State
}

// AdminState is an administrator's word on a target.
//
// Source: Azure Load Balancer, administrative state.
type AdminState int

const (
	AdminNone AdminState = iota // the checks decide
	AdminUp                     // takes requests and flows whatever the checks say
	AdminDown                   // takes no new ones, not by fail open either, and keeps those that it has
)

func (s AdminState) up(healthy bool) bool {
	return s == AdminUp || s == AdminNone && healthy
}

// Change is a target's change of state.
type Change struct {
	Target   Target
	From, To health.State // From is empty for a target that is first seen
	Reason   health.Reason
	Detail   string // for people
	At       time.Time
}
