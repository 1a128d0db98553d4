package postgres

import "time"

// The clocks of the control loop.
const (
	// lookEvery is how often the servers are looked at; the end of a
	// process is noticed at once.
	lookEvery = 500 * time.Millisecond
	// answerTime is how long a primary may take to answer.
	answerTime = 2 * time.Second
	// linkTime is how long a living standby may be without a stream before
	// commits go on without it: a restarted primary is rejoined sooner.
	linkTime = 2 * time.Second
	// patience is how long a living standby may be without a stream before
	// it is built anew.
	patience = 30 * time.Second
	// maxStarts is how often a standby is started from its folder before
	// that is given up and it is built anew.
	maxStarts = 2
	// retryTime is the pause after an action that failed.
	retryTime = 2 * time.Second
)

// observation is what the loop sees of the servers.
type observation struct {
	primaryAlive bool
	ready        bool // and it has accepted a connection since it was started or taken over
	answered     bool // the primary answered; what follows but for alive and recorded is from it
	wanted       bool // a standby is asked for
	exists       bool // a standby is recorded
	standbyAlive bool
	hollow       bool // the standby has no complete data folder
	synced       bool // recorded: the standby holds every acknowledged commit
	outdated     bool // the standby runs with other settings than the primary
	named        bool // synchronous_standby_names is set
	streaming    bool
	inSync       bool
	slotLost     bool // the slot is not there, or what it should keep is gone

	unlinked time.Time // since when the standby does not stream; zero when it does
	starts   int       // starts since it last streamed
}

// action is one step towards what is asked for.
type action string

const (
	nothing        action = "nothing"
	restartPrimary action = "restart primary"
	suspendSync    action = "suspend synchronous replication"
	requireSync    action = "require synchronous replication"
	recordSync     action = "record standby in sync"
	launchStandby  action = "start standby"
	restartStandby action = "restart standby"
	buildStandby   action = "build standby"
	removeStandby  action = "remove standby"
)

// decide picks the next step. The order is the order of urgency: a primary
// first, then commits that wait in vain, then the standby.
func decide(o observation, now time.Time) action {
	switch {
	case !o.primaryAlive || !o.ready:
		return restartPrimary
	case (o.named || o.synced) && o.lost(now):
		return suspendSync
	case !o.answered:
		return nothing
	case !o.wanted && o.exists:
		return removeStandby
	case !o.wanted:
		return nothing
	}
	return decideStandby(o, now)
}

// lost says that commits must not wait for the standby any more.
func (o observation) lost(now time.Time) bool {
	if !o.wanted || !o.standbyAlive {
		return true
	}
	return o.answered && !o.streaming && now.Sub(o.unlinked) >= linkTime
}

func decideStandby(o observation, now time.Time) action {
	switch {
	case !o.exists || o.hollow || o.slotLost:
		return buildStandby
	case !o.standbyAlive && o.starts < maxStarts:
		return launchStandby
	case !o.standbyAlive:
		return buildStandby
	case !o.streaming && now.Sub(o.unlinked) >= patience:
		return buildStandby
	case !o.streaming:
		return nothing
	case o.outdated:
		return restartStandby
	case !o.named:
		return requireSync
	case o.inSync && !o.synced:
		return recordSync
	}
	return nothing
}

// settled says that there is nothing left to wait for.
func settled(o observation) bool {
	if !o.wanted {
		return o.primaryAlive && o.ready && !o.exists && !o.named
	}
	return o.primaryAlive && o.ready && o.streaming && o.inSync && o.synced && !o.outdated
}
