package health

import (
	"errors"
	"fmt"
	"time"
)

// State is what a load balancer thinks of a target.
type State string

// The states of a target.
const (
	Initial   State = "initial"   // registered, not enough checks yet
	Healthy   State = "healthy"   // passes its checks
	Unhealthy State = "unhealthy" // fails its checks
	Draining  State = "draining"  // deregistered, requests in flight may finish
	Unused    State = "unused"    // not registered, or its pool is in no use; not checked
	Missing   State = "missing"   // who checks it from inside says nothing any more; not checked
)

// Reason says in one word why a target is not healthy. It is empty for a
// healthy target.
type Reason string

// The reasons. The first five come from a failed check.
const (
	StatusMismatch  Reason = "status-mismatch"  // answered with a status that the matcher does not accept
	TimedOut        Reason = "timed-out"        // no answer within the check's timeout
	ConnectFailed   Reason = "connect-failed"   // connection refused, reset or unreachable
	BadAnswer       Reason = "bad-answer"       // what came back was not HTTP
	BodyMismatch    Reason = "body-mismatch"    // answered, and its body says that it is not well
	Checking        Reason = "checking"         // initial: the first checks are under way
	Deregistering   Reason = "deregistering"    // draining
	Deregistered    Reason = "deregistered"     // unused: the drain is over
	NoUse           Reason = "not-in-use"       // unused: no listener leads to the pool
	NoReport        Reason = "no-report"        // missing: nothing has come
	lastKnownDetail        = "last known state" // detail of an adopted target until its first check
)

// Thresholds are the counts of consecutive results that change a state.
type Thresholds struct {
	// InitialSuccesses is how many passes make a newly registered target
	// healthy. It is 1 both for an AWS target group ("must pass one health
	// check") and for an Azure load balancer probe after boot.
	InitialSuccesses int
	// Healthy is how many consecutive passes make an unhealthy target healthy.
	Healthy int
	// Unhealthy is how many consecutive failures make a target unhealthy.
	Unhealthy int
}

// Validate reports every threshold that is less than 1.
func (th Thresholds) Validate() error {
	var errs []error
	atLeastOne := func(name string, n int) {
		if n < 1 {
			errs = append(errs, fmt.Errorf("%s is %d: it must be at least 1", name, n))
		}
	}
	atLeastOne("initial successes", th.InitialSuccesses)
	atLeastOne("healthy threshold", th.Healthy)
	atLeastOne("unhealthy threshold", th.Unhealthy)
	return errors.Join(errs...)
}

// Result is the outcome of one check. Reason and Detail are empty when it
// passed.
type Result struct {
	Passed bool
	Reason Reason
	Detail string // a phrase for people, such as "status 503, want 200"
}

// Target is the health of one target. It is a value: every method returns
// the next one.
type Target struct {
	State    State
	Reason   Reason
	Detail   string
	Since    time.Time // when State was entered
	Passes   int       // consecutive, up to the latest check
	Failures int       // consecutive, up to the latest check
	// EverHealthy is true once the target has been healthy since it was
	// registered. It arms the replacement of a group's instances.
	EverHealthy bool
}

// NotInUse is a target of a pool that no listener leads to.
func NotInUse(now time.Time) Target {
	return Target{State: Unused, Reason: NoUse, Since: now}
}

// Register is a target at the moment of its registration.
func Register(now time.Time) Target {
	return Target{State: Initial, Reason: Checking, Since: now}
}

// Adopt is a target that another run of the program knew in the given state.
// Healthy and Unhealthy are believed until checks say otherwise; anything
// else starts as Register does.
func Adopt(last State, now time.Time) Target {
	switch last {
	case Healthy:
		return Target{State: Healthy, Since: now, EverHealthy: true}
	case Unhealthy:
		return Target{State: Unhealthy, Reason: Checking, Detail: lastKnownDetail, Since: now}
	default:
		return Register(now)
	}
}

// Observe is the target after a check. Results that come in after the target
// left the pool change nothing.
func (t Target) Observe(r Result, th Thresholds, now time.Time) Target {
	if t.State == Draining || t.State == Unused {
		return t
	}
	if r.Passed {
		return t.pass(th, now)
	}
	return t.fail(r, th, now)
}

func (t Target) pass(th Thresholds, now time.Time) Target {
	t.Passes, t.Failures = t.Passes+1, 0
	enough := th.Healthy
	if t.State == Initial {
		enough = th.InitialSuccesses
	}
	if t.State != Healthy && t.Passes >= enough {
		t = t.enter(Healthy, "", "", now)
		t.EverHealthy = true
	}
	return t
}

func (t Target) fail(r Result, th Thresholds, now time.Time) Target {
	t.Passes, t.Failures = 0, t.Failures+1
	switch {
	case t.State == Unhealthy:
		t.Reason, t.Detail = r.Reason, r.Detail
	case t.Failures >= th.Unhealthy:
		t = t.enter(Unhealthy, r.Reason, r.Detail, now)
	case t.State == Initial:
		t.Detail = r.Detail
	}
	return t
}

// Deregister is the target from the moment that it gets no new requests.
func (t Target) Deregister(now time.Time) Target {
	return t.enter(Draining, Deregistering, "", now)
}

// Release is the target after its drain.
func (t Target) Release(now time.Time) Target {
	return t.enter(Unused, Deregistered, "", now)
}

// Silent is the target when who checks it from inside says nothing. The next
// result counts again, towards the full thresholds.
func (t Target) Silent(now time.Time) Target {
	t.Passes, t.Failures = 0, 0
	return t.enter(Missing, NoReport, "", now)
}

func (t Target) enter(s State, reason Reason, detail string, now time.Time) Target {
	t.State, t.Reason, t.Detail, t.Since = s, reason, detail, now
	return t
}
