package drill

import (
	"cmp"
	"context"
	"slices"
	"time"

	"orchard/loadrunner/internal/drill/control"
)

// await looks at the world until lacks returns nothing, for at most so long, and
// returns what it lacked last. It takes down how the groups scale.
func (c *course) await(ctx context.Context, limit time.Duration, lacks func(control.World) string) string {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	over := time.NewTimer(limit)
	defer over.Stop()
	last := "the daemon has not answered"
	for {
		if w, err := c.Control.World(ctx); err == nil {
			c.seen.Scaling.add(scalingOf(w))
			if last = lacks(w); last == "" {
				return ""
			}
		}
		select {
		case <-ctx.Done():
			return "the drill is stopped"
		case <-over.C:
			return last
		case <-ticker.C:
		}
	}
}

func scalingOf(w control.World) (s Scaling) {
	for _, g := range w.Groups {
		s.DesiredBefore += g.Desired
		s.HealthyLeast += g.Healthy
	}
	s.DesiredMost, s.HealthyMost = s.DesiredBefore, s.HealthyLeast
	return s
}

func (s *Scaling) add(now Scaling) {
	s.DesiredMost = max(s.DesiredMost, now.DesiredMost)
	s.HealthyLeast = min(s.HealthyLeast, now.HealthyLeast)
	s.HealthyMost = max(s.HealthyMost, now.HealthyMost)
}

// order sorts phases as they come.
func order(phases []Phase) {
	place := []string{"before", "during", "after"}
	slices.SortFunc(phases, func(a, b Phase) int {
		return cmp.Compare(slices.Index(place, a.Name), slices.Index(place, b.Name))
	})
}
