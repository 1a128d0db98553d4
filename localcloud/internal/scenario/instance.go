package scenario

import (
	"time"

	"orchard/localcloud/internal/health"
)

// instance is a modelled instance and the target that it is.
type instance struct {
	id, zone  string
	version   int // of the launch template
	launched  time.Time
	inService time.Time // zero while it boots
	leaves    time.Time // when its drain ends; zero unless it is being terminated
	ended     time.Time // when its process did; zero while it runs

	target    health.Target // as the balancer sees it
	own       health.Target // as it says of itself, where it is checked inside
	nextCheck time.Time
	timesOut  time.Time // when a check that is under way ends; zero if none is

	surplus bool      // launched above desired, to take over from another
	repairs bool      // launched for one that was replaced, and has not been healthy yet
	why     string    // it is to be replaced; empty if not
	since   time.Time // when that began
	sick    bool      // and that may be done now

	busy    float64 // per cent of its capacity that it is used at, in this second
	busySum float64 // over the current period
	seconds int
}

func (i *instance) serving() bool { return !i.inService.IsZero() && i.leaves.IsZero() }

func (i *instance) gone() bool { return !i.ended.IsZero() }

// hangs says whether the instance is there and answers nothing.
func (m *model) hangs(i *instance) bool { return m.zones[i.zone].down }

// works says whether a request to the instance is answered well.
func (m *model) works(i *instance) bool {
	return !i.gone() && !m.hangs(i) && !m.bad[i.version]
}

// boot brings the instance into service when its time has come. A boot does
// not end in a zone that is down.
func (m *model) boot(i *instance) {
	if !i.inService.IsZero() || i.gone() || m.hangs(i) || m.now.Before(i.launched.Add(m.s.Instance.Boot)) {
		return
	}
	i.inService = m.now
	i.target, i.own = health.Register(m.now), health.Register(m.now)
	i.nextCheck = m.now
}

// check asks the target for its health when that is due. An instance that
// hangs lets the check run into its timeout; one that is gone refuses it.
func (m *model) check(i *instance) {
	if !i.serving() {
		return
	}
	if !i.timesOut.IsZero() && !m.now.Before(i.timesOut) {
		i.timesOut = time.Time{}
		m.observe(i, health.Result{Reason: health.TimedOut})
	}
	if m.now.Before(i.nextCheck) {
		return
	}
	i.nextCheck = m.now.Add(m.s.Check.Interval)
	switch {
	case i.gone():
		m.observe(i, health.Result{Reason: health.ConnectFailed})
	case m.hangs(i):
		i.timesOut = m.now.Add(m.s.Check.Timeout)
		i.own = i.own.Silent(m.now)
	case m.bad[i.version]:
		m.observe(i, health.Result{Reason: health.StatusMismatch})
	default:
		m.observe(i, health.Result{Passed: true})
	}
}

// observe takes the result in. What the balancer's check ran into is nothing
// that an instance which hangs could say of itself.
func (m *model) observe(i *instance, r health.Result) {
	before := i.target.State
	th := m.s.Check.thresholds()
	i.target = i.target.Observe(r, th, m.now)
	if r.Reason != health.TimedOut {
		i.own = i.own.Observe(r, th, m.now)
	}
	if i.target.State != before {
		m.turned.add(string(i.target.State), i.zone)
	}
}

// drain takes the instance from the balancer; it ends when the deregistration
// delay is over, or at once if it never came into service.
func (m *model) drain(i *instance) {
	i.leaves = m.now
	if !i.inService.IsZero() {
		i.leaves = m.now.Add(m.s.Instance.Drain)
		i.target = i.target.Deregister(m.now)
	}
}
