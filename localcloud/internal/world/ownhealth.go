package world

import (
	"time"

	"orchard/localcloud/internal/health"
	"orchard/localcloud/internal/machine"
)

// silenceLook is how often it is looked whether instances still report.
const silenceLook = time.Second

// probeOf is what the instances of a group ask themselves, where the cloud
// has that done at the instance and not by a load balancer. It goes on without
// the daemon. nil for none.
func (w *World) probeOf(g Group) *machine.HealthProbe {
	c := g.OwnCheck
	if c == nil {
		return nil
	}
	scheme := "http"
	if c.Secure {
		scheme = "https"
	}
	return &machine.HealthProbe{
		Scheme: scheme, Path: c.Path, Port: c.Port, Interval: c.Interval, Timeout: c.Timeout, Probes: c.Healthy,
		Grace: c.Grace, Accept: c.Matcher,
		BodyField: c.BodyField, BodyHealthy: c.BodyValue, BodyUnhealthy: c.BodyUnhealthy,
	}
}

// planOwnHealth reads what instances report of themselves: those whose state
// has changed, and from time to time all, because silence is no change.
func (w *World) planOwnHealth(now time.Time) {
	all := now.Sub(w.actual.looked) >= silenceLook
	if all {
		w.actual.looked = now
	}
	for id, handle := range w.actual.machines {
		i := w.state.Instances[id]
		if i == nil || i.State != InService || w.declared.Groups[i.Group].OwnCheck == nil || !all && !w.actual.news[id] {
			continue
		}
		delete(w.actual.news, id)
		report, fresh, err := handle.Health(now)
		if err != nil {
			w.log.Warn("cannot read what an instance says of its health", "instance", id, "error", err)
			continue
		}
		w.noteOwnHealth(i, report, fresh)
	}
}

func (w *World) noteOwnHealth(i *Instance, report machine.Health, fresh bool) {
	state, says := ownState(report, fresh, i.Own)
	if state == i.Own {
		return
	}
	i.Own = state
	switch {
	case state == health.Healthy:
		i.OwnPassed = true
		delete(w.state.FailedRepairs, i.Group)
	case state == health.Unhealthy:
		i.OwnSince = report.Since
	}
	w.unsaved = true
	w.event("instance", i.ID, says)
}

// ownState is what an instance's report means for its group. One that has not
// reported yet is as it was before.
func ownState(report machine.Health, fresh bool, before health.State) (health.State, string) {
	switch {
	case !fresh && before == "":
		return "", ""
	case !fresh:
		return health.Missing, "reports nothing of its health any more"
	case report.State == machine.Healthy:
		return health.Healthy, "calls itself healthy"
	case report.State == machine.Initializing:
		return health.Initial, "reports that it is initializing"
	}
	return health.Unhealthy, "calls itself " + string(report.State) + ": " + report.Detail
}
