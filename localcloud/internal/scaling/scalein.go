package scaling

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// scaleIn terminates n instances, one after another so that each choice sees
// the zones as the last one left them.
func (p *planner) scaleIn(n int) {
	reason := fmt.Sprintf("%d instances, desired %d", len(p.kept), p.actions.Desired)
	left := slices.Clone(p.kept)
	counts := p.counts()
	for range n {
		at := victim(left, counts, p.group.Zones)
		if at < 0 {
			return // all that are left are protected
		}
		i := left[at]
		left = slices.Delete(left, at, at+1)
		counts[i.Zone]--
		p.actions.Terminate = append(p.actions.Terminate, Termination{ID: i.ID, Zone: i.Zone, Reason: reason, ScaleIn: true})
	}
}

// victim is the index of the instance to terminate next, or -1. Zones that
// the group has left come first, then those with most instances; zones that
// are level are decided by their instances.
func victim(instances []Instance, counts map[string]int, zones []string) int {
	chosen := -1
	for at, i := range instances {
		if i.Protected {
			continue
		}
		if chosen < 0 || goesBefore(i, instances[chosen], counts, zones) {
			chosen = at
		}
	}
	return chosen
}

func goesBefore(a, b Instance, counts map[string]int, zones []string) bool {
	return cmp.Or(
		cmp.Compare(inside(a.Zone, zones), inside(b.Zone, zones)),
		cmp.Compare(counts[b.Zone], counts[a.Zone]),
		cmp.Compare(a.TemplateVersion, b.TemplateVersion),
		a.Launched.Compare(b.Launched),
		strings.Compare(a.ID, b.ID),
	) < 0
}

func inside(zone string, zones []string) int {
	if slices.Contains(zones, zone) {
		return 1
	}
	return 0
}

// rebalance launches one instance in the zone with fewest when another has
// at least two more. It waits until nothing boots, so that it moves one at a
// time and never reacts to a group that is still filling. Until the new
// instance is in service the group is one above desired, and may be above
// max by a tenth or one, whichever is more; then scale in takes one from
// the zone with most.
//
// Source: Amazon EC2 Auto Scaling, rebalancing activities.
func (p *planner) rebalance() {
	if len(p.actions.Terminate) > 0 || slices.ContainsFunc(p.kept, func(i Instance) bool { return i.Booting }) {
		return
	}
	if len(p.kept)+1 > p.group.Max+max(p.group.Max/10, 1) {
		return
	}
	counts := p.counts()
	zone, why := p.zones.pick(counts, p.group)
	if zone == "" || why != "" {
		return
	}
	at := victim(p.kept, counts, p.group.Zones)
	if at < 0 {
		return
	}
	from := p.kept[at].Zone
	if counts[from]-counts[zone] < 2 && slices.Contains(p.group.Zones, from) {
		return
	}
	reason := fmt.Sprintf("rebalance: %d in zone %s, %d in zone %s", counts[from], from, counts[zone], zone)
	p.actions.Launch = append(p.actions.Launch, Launch{Zone: zone, Reason: reason, Surplus: true})
}
