package health

import (
	"fmt"
	"time"
)

// Instance is what is known of an instance of a scaling group.
type Instance struct {
	// Running is false when the instance's process is gone.
	Running bool
	// InService is when the instance came into service; zero while it boots.
	InService time.Time
	// Attachments is the instance as each pool of its group sees it.
	Attachments []Attachment
}

// Attachment is an instance in one pool.
type Attachment struct {
	By    string // who says so, for the reason only
	State State
	// Armed is true once at least one instance of the group has passed a
	// check in this pool.
	Armed bool
}

// Rules are what a group declares about replacement.
type Rules struct {
	// BalancerHealth makes the balancers' opinion count; otherwise only an
	// instance that is gone is replaced.
	BalancerHealth bool
	// Grace is how long a balancer's opinion is ignored, from InService or
	// from Changed if that is later.
	Grace time.Duration
	// Changed is when the group was last changed, where a cloud begins the
	// grace period of all its instances anew with that; zero where not.
	Changed time.Time
}

// Replace says whether the instance must be replaced, and why.
//
// An instance whose process is gone is replaced at once, even inside the
// grace period. One that a balancer calls unhealthy is replaced only if the
// group uses balancer health, the grace period is over, and the pool has
// been armed: a pool in which nothing ever passed (a wrong path, a missing
// rule) would otherwise replace a fleet for ever. Being unhealthy in any one
// pool is enough. No other state is a reason: an instance that is still
// initial is not judged yet, one that drains or is not used is on its way
// out, and of one whose checks are missing nothing is known, so that a
// machine that hangs as a whole is left alone where it checks itself.
//
// Source: Amazon EC2 Auto Scaling, health checks for instances in a group
// (grace period, status of a load balancer attachment); Azure virtual machine
// scale sets, automatic instance repairs (grace period after any change of
// the set) and application health extension. That an instance which is still
// booting has not begun its grace period follows from the period counting
// from InService.
func Replace(i Instance, r Rules, now time.Time) (reason string, replace bool) {
	if !i.Running {
		return "its process is gone", true
	}
	if !r.BalancerHealth || i.InService.IsZero() || now.Before(r.judgedFrom(i)) {
		return "", false
	}
	for _, a := range i.Attachments {
		if a.Armed && a.State == Unhealthy {
			return fmt.Sprintf("%s calls it unhealthy", a.By), true
		}
	}
	return "", false
}

// judgedFrom is when the instance's grace period ends.
func (r Rules) judgedFrom(i Instance) time.Time {
	if r.Changed.After(i.InService) {
		return r.Changed.Add(r.Grace)
	}
	return i.InService.Add(r.Grace)
}
