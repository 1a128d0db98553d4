package world

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"orchard/localcloud/internal/scaling"
)

// planRollouts begins a roll-out where a group's template version has changed
// since its instances were asked to have one, and takes those that are under
// way a step further. It answers, by instance, why it is to be replaced.
func (w *World) planRollouts(now time.Time) map[string]string {
	reasons := map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(w.declared.Groups)) {
		g := w.declared.Groups[id]
		w.beginRollout(g, now)
		maps.Copy(reasons, w.continueRollout(g, now))
	}
	for id := range w.state.Versions {
		if _, declared := w.declared.Groups[id]; !declared {
			delete(w.state.Versions, id)
			delete(w.state.Rollouts, id)
		}
	}
	return reasons
}

func (w *World) beginRollout(g Group, now time.Time) {
	before, known := w.state.Versions[g.ID]
	if known && before == g.TemplateVersion {
		return
	}
	w.state.Versions[g.ID] = g.TemplateVersion
	w.unsaved = true
	if running := w.state.Rollouts[g.ID]; running != nil && running.Status == scaling.Rolling {
		w.event("group", g.ID, fmt.Sprintf("roll-out of version %d of group %s is cancelled", running.Version, g.Name))
	}
	delete(w.state.Rollouts, g.ID)
	if !known || g.Rollout == nil || len(w.instancesOf(g.ID)) == 0 {
		return
	}
	p := scaling.Begin(g.TemplateVersion, now)
	w.state.Rollouts[g.ID] = &p
	w.event("group", g.ID, fmt.Sprintf("roll-out of version %d of group %s begins", g.TemplateVersion, g.Name))
}

func (w *World) continueRollout(g Group, now time.Time) map[string]string {
	before := w.state.Rollouts[g.ID]
	if before == nil || before.Status != scaling.Rolling || g.Rollout == nil {
		return nil
	}
	after, reasons := scaling.Roll(w.scalingRollout(*g.Rollout), *before, w.scalingInstances(g, nil, now), now)
	w.state.Rollouts[g.ID] = &after
	w.unsaved = w.unsaved || after.Status != before.Status || !after.Moved.Equal(before.Moved) || !slices.Equal(after.Batch, before.Batch)
	switch {
	case after.Status == scaling.RolledOut:
		w.event("group", g.ID, fmt.Sprintf("roll-out of version %d of group %s is done after %s",
			after.Version, g.Name, now.Sub(after.Began).Round(10*time.Millisecond)))
	case after.Status == scaling.RollFailed:
		w.event("group", g.ID, fmt.Sprintf("roll-out of version %d of group %s has failed: %s", after.Version, g.Name, after.Reason))
	case after.Old != before.Old || after.Updated != before.Updated:
		w.event("group", g.ID, fmt.Sprintf("roll-out of version %d of group %s: %d updated, %d to go", after.Version, g.Name, after.Updated, after.Old))
	}
	return reasons
}

// shortestWait is how long a roll-out, or a new group, is given at any time
// scale, because boots and health checks take the time that they take.
const shortestWait = time.Minute

// scaledWait divides the time that instances are given to become healthy, and
// leaves a minute of it. No time stays none.
func (w *World) scaledWait(d time.Duration) time.Duration {
	return min(d, max(w.Scaled(d), shortestWait))
}

// scalingRollout is a declared roll-out with its slow clocks divided.
func (w *World) scalingRollout(r Rollout) scaling.Rollout {
	return scaling.Rollout{
		Bounds: r.Bounds, Stall: w.scaledWait(r.Stall), Batch: r.Batch, Pause: w.Scaled(r.Pause),
		MaxUnhealthy: r.MaxUnhealthy, MaxUnhealthyUpgraded: r.MaxUnhealthyUpgraded,
		UnhealthyFirst: r.UnhealthyFirst, CrossZone: r.CrossZone,
	}
}

// rolling says whether a roll-out of the group is under way.
func (w *World) rolling(group string) bool {
	p := w.state.Rollouts[group]
	return p != nil && p.Status == scaling.Rolling
}

// boundsOf are those within which a group replaces instances now.
func (w *World) boundsOf(g Group) Bounds {
	if w.rolling(g.ID) && g.Rollout != nil {
		return g.Rollout.Bounds
	}
	return g.Maintenance
}

// warmupOf is from when on a new instance counts as ready.
func (w *World) warmupOf(g Group) time.Duration {
	if w.rolling(g.ID) && g.Rollout != nil {
		return w.Scaled(g.Rollout.Warmup)
	}
	return w.Scaled(g.Warmup)
}
