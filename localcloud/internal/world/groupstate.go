package world

import (
	"fmt"
	"strings"
	"time"

	"orchard/localcloud/internal/health"
)

// groupSettled says whether as many instances of a group are healthy, in every
// pool of it, as its Create waits for. Once every instance that was started has
// failed in its user-data there is nothing to wait for: the real cloud would go
// on starting new ones until the wait times out.
func (w *World) groupSettled(id string) (bool, error) {
	g := w.declared.Groups[id]
	if w.healthyIn(g) >= g.WaitHealthy {
		return true, nil
	}
	if failed := w.failedBoots(g); failed >= max(1, g.WaitHealthy) && w.actual.broken[id] != "" {
		return false, fmt.Errorf("group %s: no instance came up: %s", g.Name, w.actual.broken[id])
	}
	return false, nil
}

func (w *World) failedBoots(g Group) int {
	count := 0
	for _, times := range w.actual.failures[g.ID] {
		count += len(times)
	}
	return count
}

// healthyIn counts the instances in service that every pool of the group calls
// healthy. A group without a pool counts those in service.
func (w *World) healthyIn(g Group) int {
	count := 0
	for _, i := range w.instancesOf(g.ID) {
		if w.healthy(g, i) {
			count++
		}
	}
	return count
}

// healthy says whether an instance of a group counts as that.
func (w *World) healthy(g Group, i *Instance) bool {
	return i.State == InService && !w.gone(i.ID) && w.healthyEverywhere(g, i)
}

func (w *World) healthyEverywhere(g Group, i *Instance) bool {
	for _, pool := range g.Pools {
		if i.Health[pool] != health.Healthy {
			return false
		}
	}
	return true
}

// groupUnsettled says what a group was still waiting for.
func (w *World) groupUnsettled(g Group) string {
	said := []string{fmt.Sprintf("group %s has %d of %d instances healthy", g.Name, w.healthyIn(g), g.WaitHealthy)}
	broken := w.actual.broken[g.ID]
	for _, p := range w.groupProblems(g, time.Now()) {
		if !strings.Contains(broken, p.Sentence) { // which begins with what was refused
			said = append(said, p.Sentence)
		}
	}
	if broken != "" {
		said = append(said, broken)
	}
	if len(said) == 1 {
		said = append(said, w.unwellIn(g)...)
	}
	return strings.Join(said, "; ")
}

// unwellIn says of each instance that is not healthy why, where that is all that
// is known.
func (w *World) unwellIn(g Group) []string {
	var said []string
	for _, i := range w.instancesOf(g.ID) {
		if why := w.actual.unwell[i.ID]; why != "" {
			said = append(said, fmt.Sprintf("%s is %s: %s", i.ID, worst(i.Health), why))
		}
	}
	return said
}
