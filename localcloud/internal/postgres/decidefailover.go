package postgres

import "time"

// failed says that the primary does not serve: it is dead, or does not answer.
func (o observation) failed() bool { return !o.primaryAlive || !o.answered }

// promotable says that the standby may become the primary: that it holds every
// acknowledged commit is recorded, and it runs.
func (o observation) promotable() bool { return o.recoverable() && o.standbyAlive }

// recoverable says that the standby's folder holds every acknowledged commit.
func (o observation) recoverable() bool { return o.exists && o.synced && !o.hollow }

// stuck says that the primary, which does not serve, cannot be started: it
// hangs, and ending it could lose what nobody else holds, or it must stay down.
func (o observation) stuck() bool {
	if o.primaryAlive {
		return o.ready
	}
	return o.primaryStays
}

// decideFailed is for a primary that does not serve. A standby that can be
// promoted is, once the failure has lasted as long as detection takes; only
// without one is the primary started again where it was. Where both are dead
// the primary is, and the standby only if the primary is stuck.
func decideFailed(o observation, now time.Time) action {
	switch {
	case o.promotable() && now.Sub(o.failing) >= o.timing.Detection:
		return beginFailover
	case o.promotable():
		return nothing
	case !o.stuck():
		return restartPrimary
	case o.recoverable() && !o.standbyStays:
		return launchStandby
	}
	return nothing
}

// decideFailover goes on with a failover that has begun. There is no way back
// from it: what it waits for is a standby that can run.
func decideFailover(o observation, now time.Time) action {
	switch {
	case o.phase == Fencing:
		return fencePrimary
	case o.phase == Promoting && o.standbyAlive:
		return promoteStandby
	case o.phase == Promoting && !o.standbyStays && !o.hollow:
		return launchStandby
	case o.phase == Moving && !o.primaryAlive && o.primaryStays:
		return nothing
	case o.phase == Moving && now.Sub(o.entered) >= o.timing.Address:
		return moveEndpoint
	}
	return nothing
}

// outage says why writes are not accepted and no failover will change that by
// itself; empty while there is none.
func outage(o observation) string {
	switch {
	case o.phase == Promoting && !o.standbyAlive:
		return "both servers are lost: the primary is fenced, and the standby does not run"
	case o.phase == Moving && !o.primaryAlive && o.primaryStays:
		return "the new primary is lost before it served, and there is no standby yet"
	case o.phase.unfinished() || !o.failed() || o.promotable():
		return ""
	case !o.wanted:
		return "the server does not serve, and it has no standby"
	case !o.synced:
		return "the primary does not serve, and the standby must not be promoted: it is not recorded in sync"
	}
	return "both servers are lost: neither the primary nor the standby serves"
}
