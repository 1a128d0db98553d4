package world

import (
	"fmt"
	"time"

	"orchard/localcloud/internal/health"
)

// limitRepairs says which of the instances that should be replaced for being
// unhealthy are replaced now, where their group limits that.
func (w *World) limitRepairs(g Group, wanted map[string]string) map[string]string {
	if g.Repairs == nil || len(wanted) == 0 {
		return wanted
	}
	var candidates []health.Candidate
	underWay, total := 0, 0
	for _, i := range w.instancesOf(g.ID) {
		switch {
		case i.State == Terminating:
		case wanted[i.ID] != "":
			candidates = append(candidates, health.Candidate{ID: i.ID, Since: i.OwnSince})
			total++
		case i.Own != health.Healthy:
			underWay++
			total++
		default:
			total++
		}
	}
	ids, suspended := health.Repair(health.Limits{Share: g.Repairs.Share, Tries: g.Repairs.Tries},
		candidates, underWay, total, w.state.FailedRepairs[g.ID])
	w.tellSuspended(g, suspended)
	now := map[string]string{}
	for _, id := range ids {
		now[id] = wanted[id]
	}
	return now
}

func (w *World) tellSuspended(g Group, suspended bool) {
	if suspended && !w.actual.suspended[g.ID] {
		w.event("group", g.ID, fmt.Sprintf("repairs of group %s are suspended: %d in a row did not help; they resume when an instance is well, or the program changes", g.Name, g.Repairs.Tries))
	}
	w.actual.suspended[g.ID] = suspended
}

func (w *World) repairsSuspended(g Group) bool {
	return g.Repairs != nil && g.Repairs.Tries > 0 && w.state.FailedRepairs[g.ID] >= g.Repairs.Tries
}

// repaired counts a repair of an instance that was never healthy: the one
// before it did not help. Callers hold the lock.
func (w *World) repaired(i *Instance) {
	if w.declared.Groups[i.Group].Repairs != nil && !i.OwnPassed {
		w.state.FailedRepairs[i.Group]++
	}
}

// noticed is how long after an instance has ended its group knows: the period
// of a group's own look at its instances, which no cloud documents.
const noticed = 30 * time.Second

// lost says whether an instance has ended and its group knows.
func (w *World) lost(i *Instance, now time.Time) bool {
	since, gone := w.actual.gone[i.ID]
	return gone && (i.State == Pending || i.State == Waiting || !now.Before(since.Add(w.Scaled(noticed))))
}

func (w *World) gone(id string) bool {
	_, gone := w.actual.gone[id]
	return gone
}
