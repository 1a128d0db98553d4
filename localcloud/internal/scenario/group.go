package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"orchard/localcloud/internal/health"
	"orchard/localcloud/internal/scaling"
)

// backoff is how long a zone rests after failed launches. No cloud says how
// long its own does; these are chosen.
var backoff = scaling.Backoff{First: 30 * time.Second, Max: 8 * time.Minute}

// settled is for how long the instances of the beginning have been there.
const settled = 24 * time.Hour

// group is a scaling group and what it remembers.
type group struct {
	Group
	name  string // empty where there is one group
	zones []string

	desired   int
	direction int       // of the latest change of desired, 1 or -1
	changed   time.Time // when that was
	flaps     int

	policies []scaling.Series
	rules    []scaling.RuleSeries
	rests    time.Time
	sampled  bool // in this step

	instances []*instance
	failures  map[string][]time.Time
	armed     bool // an instance has passed a check

	failedRepairs  int // in a row
	suspended      bool
	progress       scaling.Progress
	failedRollouts int
	said           string // the latest line about what is held, to say it once
	saidFlapping   string

	view        []scaling.Instance // kept to use its memory again
	attachments [1]health.Attachment
}

// declare is the groups, with instances that have been there for long.
func (m *model) declare() []*group {
	if m.s.Topology == regional {
		return []*group{m.newGroup("", m.s.Zones)}
	}
	var groups []*group
	for _, z := range m.s.Zones {
		groups = append(groups, m.newGroup(z, []string{z}))
	}
	return groups
}

func (m *model) newGroup(name string, zones []string) *group {
	g := &group{Group: m.s.Group, name: name, zones: zones, failures: map[string][]time.Time{}}
	g.desired = max(g.Min, g.Desired)
	for _, p := range g.Policies {
		g.policies = append(g.policies, scaling.Series{Policy: p.policy(g.Period)})
	}
	for _, r := range g.Rules {
		g.rules = append(g.rules, scaling.RuleSeries{Rule: r.rule(g.Period)})
	}
	for _, l := range scaling.Plan(g.declared(), nil, m.now).Launch {
		i := m.launch(g, l.Zone)
		i.launched = m.now.Add(-settled)
		i.inService = i.launched
		i.target = health.Adopt(health.Healthy, i.launched)
		i.own = i.target
		i.nextCheck = m.now
	}
	return g
}

func (m *model) launch(g *group, zone string) *instance {
	m.launched++
	i := &instance{id: fmt.Sprintf("i%04d", m.launched), zone: zone, version: m.version, launched: m.now}
	g.instances = append(g.instances, i)
	return i
}

// declared is the group as package scaling sees it.
func (g *group) declared() scaling.Group {
	out := scaling.Group{
		Min: g.Min, Max: g.Max, Desired: g.desired, Zones: g.zones, Rebalance: g.Rebalance,
		Bounds: scaling.Bounds(g.bounds()), Failures: g.failures, Backoff: backoff,
	}
	if g.BalancedOnly {
		out.Balance = scaling.BalancedOnly
	}
	return out
}

// plan replaces, launches and terminates what package scaling says.
func (m *model) plan(g *group) {
	m.diagnose(g)
	g.view = g.view[:0]
	for _, i := range g.instances {
		g.view = append(g.view, m.seen(g, i))
	}
	m.roll(g)
	actions := scaling.Plan(g.declared(), g.view, m.now)
	repairs := m.terminate(g, actions.Terminate)
	m.launchAll(g, actions.Launch, repairs)
	m.hold(g, actions.Held)
}

func (m *model) seen(g *group, i *instance) scaling.Instance {
	seen := scaling.Instance{
		ID: i.id, Zone: i.zone, TemplateVersion: i.version, Launched: i.launched,
		Booting: i.inService.IsZero(), Terminating: !i.leaves.IsZero(), Ready: m.ready(g, i), Surplus: i.surplus,
	}
	if i.sick {
		seen.Replace, seen.Gradual = i.why, g.Maintenance != Bounds{} && !i.gone()
	}
	return seen
}

// terminate ends the instances, and is the number of those that are replaced.
func (m *model) terminate(g *group, all []scaling.Termination) (replaced int) {
	var ended tally
	for _, t := range all {
		at := slices.IndexFunc(g.instances, func(i *instance) bool { return i.id == t.ID })
		m.drain(g.instances[at])
		ended.add("terminate: "+t.Reason, t.Zone)
		if !t.ScaleIn {
			replaced++
		}
	}
	m.noteAll(g, ended)
	return replaced
}

// launchAll launches what it can. Where launches fail it only notes the
// failure, after which the zone rests.
func (m *model) launchAll(g *group, all []scaling.Launch, repairs int) {
	var done, failed tally
	for _, l := range all {
		if z := m.zones[l.Zone]; z.down || z.launchesFail {
			g.failures[l.Zone] = append(g.failures[l.Zone], m.now)
			failed.add("launch failed", l.Zone)
			continue
		}
		delete(g.failures, l.Zone)
		g.said = ""
		i := m.launch(g, l.Zone)
		i.surplus = l.Surplus
		i.repairs = repairs > 0
		repairs--
		done.add("launch: "+l.Reason, l.Zone)
	}
	m.noteAll(g, done)
	m.noteAll(g, failed)
}

// hold says what waits, once until something is launched.
func (m *model) hold(g *group, held []scaling.Held) {
	var lines []string
	for _, h := range held {
		lines = append(lines, fmt.Sprintf("%d launches wait: %s", h.Count, h.Reason))
	}
	if said := strings.Join(lines, "; "); said != "" && said != g.said {
		m.note(g.name, "%s", said)
		g.said = said
	}
}
