package probe

import (
	"fmt"
	"time"
)

// State is what an instance reports of its health.
type State string

// The states, see the package comment.
const (
	Initializing State = "Initializing"
	Healthy      State = "Healthy"
	Unhealthy    State = "Unhealthy"
	Unknown      State = "Unknown"
)

// Health is an instance's report.
type Health struct {
	State  State         `json:"state"`
	Since  time.Time     `json:"since"`
	Detail string        `json:"detail,omitempty"` // why, in a few words, as of the change
	Every  time.Duration `json:"every"`            // how often a report is due

	// Reported is when the last report came, changed or not. It is not part
	// of the state file, which is written only when the state changes.
	Reported time.Time `json:"-"`
}

// missed is how many reports in a row may fail to come before health counts
// as missing. Chosen: one may be late by a slow answer, and one by a machine
// under load.
const missed = 3

// Fresh says whether reports come. Where they do not, the state is that of a
// machine of which nothing is known since.
func (h Health) Fresh(now time.Time) bool { return now.Sub(h.Reported) <= missed*h.Every }

// Result is what one question has found: Healthy, Unhealthy or Unknown.
type Result struct {
	State  State
	Detail string
}

// Progress is the report with what led to it.
type Progress struct {
	Health
	began time.Time
	last  State // of the results that came in a row
	count int   // how many
}

// Begin is before the first question. A probe that does not read the body has
// nothing to report then: its State is empty.
func (p *Probe) Begin(now time.Time) Progress {
	g := Progress{began: now, Health: Health{Every: p.Interval}}
	if p.rich() {
		g = g.enter(Result{Initializing, "the service has not answered yet"}, now)
	}
	return g
}

// Next takes one result in.
func (p *Probe) Next(g Progress, r Result, now time.Time) Progress {
	if g.last != r.State {
		g.last, g.count = r.State, 0
	}
	g.count++
	switch {
	case g.State == "":
		return g.enter(r, now)
	case g.State == Initializing && now.Sub(g.began) >= p.grace():
		g.last, g.count = Unknown, 1
		return g.enter(Result{Unknown, fmt.Sprintf("the grace period of %s is over; %s", p.grace(), r.Detail)}, now)
	case g.State == Initializing && r.State == Unknown, g.count < p.Probes:
		return g
	}
	return g.enter(r, now)
}

// enter reports a state, which goes on when it is the same.
func (g Progress) enter(r Result, now time.Time) Progress {
	if g.State != r.State {
		g.State, g.Detail, g.Since = r.State, r.Detail, now.UTC().Round(0)
	}
	return g
}
