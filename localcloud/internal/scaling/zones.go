package scaling

import (
	"slices"
	"strings"
	"time"
)

// zoneLimits says why zones cannot launch now.
type zoneLimits struct {
	why   map[string]string // zone to reason
	retry time.Time
}

func launchable(g Group, now time.Time) zoneLimits {
	limits := zoneLimits{why: map[string]string{}}
	for _, zone := range g.Zones {
		if why, known := g.CannotLaunch[zone]; known {
			limits.why[zone] = why
			continue
		}
		until := g.Backoff.Until(g.Failures[zone])
		if !now.Before(until) {
			continue
		}
		limits.why[zone] = "waiting after failed launches"
		if limits.retry.IsZero() || until.Before(limits.retry) {
			limits.retry = until
		}
	}
	return limits
}

// pick chooses the zone with fewest. By best effort only zones that can
// launch are asked, and zone is empty if there is none; otherwise why tells
// what the chosen zone waits for.
func (l zoneLimits) pick(counts map[string]int, g Group) (zone, why string) {
	fewest := 0
	for _, z := range g.Zones {
		if g.Balance == BestEffort && l.why[z] != "" {
			continue
		}
		if zone == "" || counts[z] < fewest {
			zone, fewest = z, counts[z]
		}
	}
	return zone, l.why[zone]
}

// reason is why a zone is held; for the empty zone, why all are.
func (l zoneLimits) reason(zone string) string {
	if zone != "" {
		return l.why[zone]
	}
	if len(l.why) == 0 {
		return "the group has no zone"
	}
	var all []string
	for z, why := range l.why {
		all = append(all, z+": "+why)
	}
	slices.Sort(all)
	return "no zone can launch (" + strings.Join(all, "; ") + ")"
}
