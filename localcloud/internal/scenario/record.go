package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"orchard/localcloud/internal/health"
)

// Run is what a scenario has become.
type Run struct {
	Scenario Scenario
	Records  []Record // one a second
	Log      []Entry
	Verdicts []Verdict
}

// Record is one second.
type Record struct {
	At                     time.Duration
	Load, Unserved, Failed float64 // requests
	Desired                int     // of all groups, as are the others
	InService              int
	Healthy                int     // targets
	Old, New               int     // healthy targets of the first release, and of later ones
	CPU                    float64 // per cent, average of those in service that answer
	Flaps                  int     // so far
	SuspendedRepairs       int     // groups
	FailedRollouts         int     // so far
	DesiredIn, HealthyIn   []int   // by zone; desired where each has a group
}

// Entry is a line of the log.
type Entry struct {
	At   time.Duration
	Text string
}

func (m *model) note(group, format string, args ...any) {
	if group != "" {
		format = "group " + group + ": " + format
	}
	m.log = append(m.log, Entry{m.at(), fmt.Sprintf(format, args...)})
}

func (m *model) record() {
	r := Record{
		At: m.at(), Load: m.traffic.offered, Unserved: m.traffic.unserved, Failed: m.traffic.failed,
		DesiredIn: make([]int, len(m.s.Zones)), HealthyIn: make([]int, len(m.s.Zones)),
	}
	answering := 0
	for n, g := range m.groups {
		r.Desired += g.desired
		r.DesiredIn[n] = g.desired
		r.Flaps += g.flaps
		r.FailedRollouts += g.failedRollouts
		if g.suspended {
			r.SuspendedRepairs++
		}
		for _, i := range g.instances {
			if i.serving() {
				r.InService++
				m.count(&r, i)
			}
			if i.serving() && m.works(i) {
				r.CPU += i.busy
				answering++
			}
		}
	}
	r.CPU /= float64(max(1, answering))
	m.records = append(m.records, r)
}

func (m *model) count(r *Record, i *instance) {
	if i.target.State != health.Healthy {
		return
	}
	r.Healthy++
	r.HealthyIn[slices.Index(m.s.Zones, i.zone)]++
	if i.version == 1 {
		r.Old++
	} else {
		r.New++
	}
}

// tally counts what happens in one step, by what it is and in which zone, so
// that the log has one line for many instances.
type tally struct {
	order  []string
	counts map[string]map[string]int
}

func (t *tally) add(what, zone string) {
	if t.counts == nil {
		t.counts = map[string]map[string]int{}
	}
	if t.counts[what] == nil {
		t.counts[what] = map[string]int{}
		t.order = append(t.order, what)
	}
	t.counts[what][zone]++
}

// lines are such as "healthy, 2 in a, 1 in b".
func (t *tally) lines() []string {
	var lines []string
	for _, what := range t.order {
		parts := []string{what}
		for _, zone := range slices.Sorted(maps.Keys(t.counts[what])) {
			parts = append(parts, fmt.Sprintf("%d in %s", t.counts[what][zone], zone))
		}
		lines = append(lines, strings.Join(parts, ", "))
	}
	return lines
}

func (m *model) noteAll(g *group, t tally) {
	for _, line := range t.lines() {
		m.note(g.name, "%s", line)
	}
}
