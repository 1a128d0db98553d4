package scenario

import (
	"slices"
	"time"
)

const step = time.Second

// beginning is where the virtual clock starts.
var beginning = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// The metrics and the releases that a scenario may name.
const (
	cpu      = "cpu"
	requests = "requests"
	good     = "good"
	bad      = "bad"
)

// model is the service at one moment of the virtual clock.
type model struct {
	s       Scenario
	now     time.Time
	zones   map[string]*zone
	groups  []*group
	events  []Event // that are still to come, in order
	version int     // of the launch template
	bad     map[int]bool

	launched int     // instances so far: numbers their ids
	routed   float64 // requests in the current period
	router   router
	turned   tally // targets whose state changed in this step
	traffic  traffic
	log      []Entry
	records  []Record
}

type zone struct{ down, launchesFail bool }

// Run plays the scenario from its beginning to its end.
func (s Scenario) Run() Run {
	m := &model{s: s, now: beginning, version: 1, bad: map[int]bool{}, zones: map[string]*zone{}}
	for _, z := range s.Zones {
		m.zones[z] = &zone{}
	}
	m.events = slices.SortedStableFunc(slices.Values(s.Events), func(a, b Event) int { return int(a.At - b.At) })
	m.groups = m.declare()
	for m.at() <= s.Length {
		m.step()
		m.now = m.now.Add(step)
	}
	return Run{Scenario: s, Records: m.records, Log: m.log, Verdicts: judge(s.assertions, m.records)}
}

// at is the time since the beginning.
func (m *model) at() time.Duration { return m.now.Sub(beginning) }

// step lives through one second: what befalls the service first, then what
// is decided, then the requests.
func (m *model) step() {
	for len(m.events) > 0 && m.events[0].At <= m.at() {
		m.happen(m.events[0])
		m.events = m.events[1:]
	}
	for _, g := range m.groups {
		m.live(g)
	}
	for _, line := range m.turned.lines() {
		m.note("", "targets %s", line)
	}
	m.turned = tally{}
	if m.at() > 0 && m.at()%m.s.Group.Period == 0 {
		m.sample()
	}
	for _, g := range m.groups {
		m.scale(g)
		m.plan(g)
	}
	m.serve()
	m.record()
}

func (m *model) happen(e Event) {
	switch {
	case e.ZoneDown != "":
		m.zones[e.ZoneDown].down = true
		m.note("", "zone %s is down", e.ZoneDown)
	case e.ZoneUp != "":
		m.zones[e.ZoneUp].down = false
		m.note("", "zone %s is up", e.ZoneUp)
	case e.LaunchesFail != "":
		m.zones[e.LaunchesFail].launchesFail = true
		m.note("", "launches fail in zone %s", e.LaunchesFail)
	case e.LaunchesWork != "":
		m.zones[e.LaunchesWork].launchesFail = false
		m.note("", "launches work in zone %s", e.LaunchesWork)
	case e.Kill != "":
		m.kill(e.Kill)
	case e.Release != "":
		m.release(e.Release)
	}
}

// kill ends the oldest instance of the zone.
func (m *model) kill(zone string) {
	for _, g := range m.groups {
		for _, i := range g.instances {
			if i.zone == zone && !i.gone() && i.serving() {
				i.ended = m.now
				m.note("", "an instance in zone %s is killed", zone)
				return
			}
		}
	}
}

// live moves the instances of the group on by a second.
func (m *model) live(g *group) {
	g.instances = slices.DeleteFunc(g.instances, func(i *instance) bool {
		return !i.leaves.IsZero() && !m.now.Before(i.leaves)
	})
	for _, i := range g.instances {
		m.boot(i)
		m.check(i)
		if i.target.EverHealthy {
			g.armed = true
			if i.repairs {
				i.repairs, g.failedRepairs = false, 0
			}
		}
	}
}
