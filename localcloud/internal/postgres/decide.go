package postgres

import "time"

// The clocks of the control loop.
const (
	// lookEvery is how often the servers are looked at; the end of a
	// process is noticed at once.
	lookEvery = 500 * time.Millisecond
	// answerTime is how long a server may take to answer a question.
	answerTime = 2 * time.Second
	// probeTime is how long a primary may take to let the loop in and answer;
	// one that takes longer does not serve.
	probeTime = time.Second
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
	phase        Phase // recorded: of a failover under way
	primaryAlive bool
	primaryStays bool // the primary may not be started: its zone is down, or its data is gone
	ready        bool // and it has accepted a connection since it was started or taken over
	answered     bool // the primary let the loop in and answered; what follows from named on is from it
	wanted       bool // a standby is asked for
	exists       bool // a standby is recorded
	standbyAlive bool
	standbyStays bool // the standby may not be started where it is: its zone is down
	homeless     bool // no zone is left to build a standby in
	hollow       bool // the standby has no data folder to be started from
	synced       bool // recorded: the standby holds every acknowledged commit
	outdated     bool // the standby runs with other settings than the primary
	named        bool // synchronous_standby_names is set
	streaming    bool
	inSync       bool
	slotLost     bool // the slot is not there, or what it should keep is gone

	failing  time.Time // since when the primary does not serve; zero when it does
	unlinked time.Time // since when the standby does not stream; zero when it does
	starts   int       // starts since it last streamed
	entered  time.Time // when the phase began
	timing   Timing
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
	beginFailover  action = "begin failover"
	fencePrimary   action = "fence primary"
	promoteStandby action = "promote standby"
	moveEndpoint   action = "move endpoint"
)

// decide picks the next step. The order is the order of urgency: a failover
// that has begun and a primary first, then commits that wait in vain, then the
// standby.
func decide(o observation, now time.Time) action {
	switch {
	case o.phase.unfinished():
		return decideFailover(o, now)
	case o.failed():
		return decideFailed(o, now)
	case !o.ready:
		return restartPrimary // it runs already, and is taken over
	case (o.named || o.synced) && o.lost(now):
		return suspendSync
	case !o.wanted && o.exists:
		return removeStandby
	case !o.wanted:
		return nothing
	}
	return decideStandby(o, now)
}

// lost says that commits must not wait for the standby any more.
func (o observation) lost(now time.Time) bool {
	if !o.wanted || !o.standbyAlive || o.hollow || o.slotLost {
		return true
	}
	return !o.streaming && now.Sub(o.unlinked) >= linkTime
}

func decideStandby(o observation, now time.Time) action {
	switch {
	case !o.exists || o.hollow || o.slotLost:
		return o.build()
	case !o.standbyAlive && !o.standbyStays && o.starts < maxStarts:
		return launchStandby
	case !o.standbyAlive:
		return o.build()
	case !o.streaming && (o.standbyStays || now.Sub(o.unlinked) >= patience):
		return o.build()
	case !o.streaming:
		return nothing
	case o.outdated && !o.standbyStays:
		return restartStandby
	case !o.named:
		return requireSync
	case o.inSync && !o.synced:
		return recordSync
	}
	return nothing
}

func (o observation) build() action {
	if o.homeless {
		return nothing
	}
	return buildStandby
}

// settled says that there is nothing left to wait for.
func settled(o observation) bool {
	switch {
	case o.failed() || !o.ready || o.phase != "":
		return false
	case !o.wanted:
		return !o.exists && !o.named
	}
	return o.streaming && o.inSync && o.synced && !o.outdated
}
