package scenario

import (
	"orchard/localcloud/internal/health"
	"orchard/localcloud/internal/scaling"
)

// release makes a new version of the launch template, and begins to roll it
// out where the groups do so.
func (m *model) release(quality string) {
	m.version++
	m.bad[m.version] = quality == bad
	m.note("", "release %d, a %s one", m.version, quality)
	for _, g := range m.groups {
		if g.Rollout != nil {
			g.progress = scaling.Begin(m.version, m.now)
		}
	}
}

func (g *group) rolling() bool { return g.progress.Status == scaling.Rolling }

// roll takes the roll-out a step further, and marks in the group's view which
// instances it replaces now.
func (m *model) roll(g *group) {
	if !g.rolling() {
		return
	}
	before := g.progress
	after, reasons := scaling.Roll(g.Rollout.rollout(), before, g.view, m.now)
	g.progress = after
	switch {
	case after.Status == scaling.RolledOut:
		m.note(g.name, "roll-out of release %d is done", after.Version)
	case after.Status == scaling.RollFailed:
		m.note(g.name, "roll-out of release %d has failed: %s", after.Version, after.Reason)
		g.failedRollouts++
	case after.Old != before.Old || after.Updated != before.Updated:
		m.note(g.name, "roll-out of release %d: %d updated, %d to go", after.Version, after.Updated, after.Old)
	}
	for n, seen := range g.view {
		if why := reasons[seen.ID]; why != "" && seen.Replace == "" {
			g.view[n].Replace, g.view[n].Gradual = why, true
		}
	}
}

func (r Rollout) rollout() scaling.Rollout {
	return scaling.Rollout{
		Bounds: scaling.Bounds(r.Bounds), Stall: r.Stall, Batch: r.Batch, Pause: r.Pause,
		MaxUnhealthy: r.MaxUnhealthy, MaxUnhealthyUpgraded: r.MaxUnhealthyUpgraded,
		UnhealthyFirst: r.UnhealthyFirst, CrossZone: r.CrossZone,
	}
}

// bounds are those within which the group replaces instances now.
func (g *group) bounds() Bounds {
	if g.rolling() {
		return g.Rollout.Bounds
	}
	return g.Maintenance
}

// ready says whether the instance serves, and has done so for its warmup.
func (m *model) ready(g *group, i *instance) bool {
	warmup := g.Warmup
	if g.rolling() {
		warmup = g.Rollout.Warmup
	}
	well := i.serving() && !i.gone() && i.target.State == health.Healthy
	return well && (!m.s.Check.Inside || i.own.State == health.Healthy) && !m.now.Before(i.inService.Add(warmup))
}
