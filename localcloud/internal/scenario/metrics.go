package scenario

import (
	"time"

	"orchard/localcloud/internal/health"
	"orchard/localcloud/internal/scaling"
)

// sample ends a period: each group gets what its policies and rules look at.
func (m *model) sample() {
	healthy := 0
	for _, g := range m.groups {
		for _, i := range g.instances {
			if i.serving() && i.target.State == health.Healthy {
				healthy++
			}
		}
	}
	perTarget := 0.0 // a minute
	if healthy > 0 {
		perTarget = m.routed / float64(healthy) * float64(time.Minute) / float64(m.s.Group.Period)
	}
	m.routed = 0
	for _, g := range m.groups {
		m.sampleGroup(g, perTarget)
	}
}

// sampleGroup keeps the samples of one group. Instances that warm up are not
// in those of policies; instances that hung or are gone report nothing.
func (m *model) sampleGroup(g *group, perTarget float64) {
	var used []float64 // per cent, of each instance that reports
	warm, warmUse, warmTargets := 0, 0.0, 0
	for _, i := range g.instances {
		reports := i.serving() && i.seconds > 0
		use := i.busySum / max(1, float64(i.seconds))
		i.busySum, i.seconds = 0, 0
		if !reports {
			continue
		}
		used = append(used, use)
		if m.warming(g, i) {
			continue
		}
		warm++
		warmUse += use
		if i.target.State == health.Healthy {
			warmTargets++
		}
	}
	for n := range g.policies {
		switch s := &g.policies[n]; {
		case s.Policy.Metric == requests:
			s.Samples = keep(s.Samples, scaling.Sample{End: m.now, Value: perTarget, Instances: warmTargets}, s.Policy.InPeriods)
		case warm > 0:
			s.Samples = keep(s.Samples, scaling.Sample{End: m.now, Value: warmUse / float64(warm), Instances: warm}, s.Policy.InPeriods)
		}
	}
	for n := range g.rules {
		s := &g.rules[n]
		s.Readings = keep(s.Readings, scaling.Reading{End: m.now, Values: used}, int(s.Rule.Window/s.Rule.Period))
	}
	g.sampled = true
}

// keep adds one to the latest, of which at most n are kept.
func keep[T any](latest []T, one T, n int) []T {
	latest = append(latest, one)
	return latest[max(0, len(latest)-n):]
}

// warming is true from the launch until the warmup is over.
func (m *model) warming(g *group, i *instance) bool {
	return i.inService.IsZero() || m.now.Before(i.inService.Add(g.Warmup))
}

// scale lets the policies or the rules move the desired count.
func (m *model) scale(g *group) {
	switch {
	case len(g.rules) > 0 && m.at()%g.Look == 0:
		d := scaling.Follow(g.rules, scaling.RuleFleet{
			Min: g.Min, Max: g.Max, Default: g.Default, Desired: g.desired, Rests: g.rests,
		}, m.now)
		if d.Flapping == scaling.FlappingHeld && d.Reason != g.saidFlapping {
			m.note(g.name, "%s", d.Reason)
			g.saidFlapping = d.Reason
		}
		g.rests = d.Rests
		m.desire(g, d.Desired, d.Reason)
	case g.sampled:
		d := scaling.Track(g.policies, scaling.Fleet{Min: g.Min, Max: g.Max, Desired: g.desired, Warming: m.warmingIn(g)}, m.now)
		m.desire(g, d.Desired, d.Reason)
	}
	g.sampled = false
}

func (m *model) warmingIn(g *group) int {
	n := 0
	for _, i := range g.instances {
		if i.leaves.IsZero() && m.warming(g, i) {
			n++
		}
	}
	return n
}

// desire changes the desired count and counts the change if it flaps.
func (m *model) desire(g *group, to int, why string) {
	if to == g.desired {
		return
	}
	direction := 1
	if to < g.desired {
		direction = -1
	}
	if reverses(g.direction, g.changed, direction, m.now) {
		g.flaps++
	}
	g.direction, g.changed, g.desired = direction, m.now, to
	m.note(g.name, "%s", why)
}
