package scaling

// Bounds say how far a group may be from its desired count while instances
// are replaced gradually, in per cent of it.
type Bounds struct {
	Min int // that stay ready, 0 to 100
	Max int // that may be there, 100 to 200; above 100 a launch comes before the termination
}

// launchesFirst says that a replacement is there before the old one goes.
func (b Bounds) launchesFirst() bool { return b.Max > 100 }

// most is how many instances a group may have. One more than desired is
// always allowed where a launch comes first, or nothing would ever happen.
func (b Bounds) most(desired int) int {
	if !b.launchesFirst() {
		return desired
	}
	return max(desired+1, desired*b.Max/100)
}

// fewest is how many instances stay ready, rounded up. One fewer than desired
// is always allowed where a termination comes first.
func (b Bounds) fewest(desired int) int {
	least := (desired*b.Min + 99) / 100
	if !b.launchesFirst() {
		return min(least, desired-1)
	}
	return least
}

// room is how many more instances the group may have now.
func (p *planner) room() int {
	return max(0, p.group.Bounds.most(p.actions.Desired)-len(p.kept)-len(p.leaving))
}

// release terminates the gradually replaced instances that the group can do
// without: first those that are not ready, then as scale in would choose.
//
// Where a launch comes first, an instance that does not serve stays until its
// replacement is ready too. Where a termination comes first, it goes at once.
//
// Source: Amazon EC2 Auto Scaling, instance maintenance policies and instance
// refresh (minimum and maximum healthy percentage). That shares are rounded
// towards fewer changes, and that one instance at a time is always allowed,
// follows from the documented behaviour of groups of one.
func (p *planner) release() {
	ready := count(p.kept, isReady) + count(p.leaving, isReady)
	fewest := p.group.Bounds.fewest(p.actions.Desired)
	counts := map[string]int{}
	for _, i := range append(p.leaving[:len(p.leaving):len(p.leaving)], p.kept...) {
		counts[i.Zone]++
	}
	for {
		at := p.nextLeaving(counts)
		if at < 0 {
			return
		}
		i := p.leaving[at]
		after := ready
		if i.Ready {
			after--
		}
		if after < fewest && (i.Ready || p.group.Bounds.launchesFirst()) {
			return
		}
		ready = after
		counts[i.Zone]--
		p.leaving = append(p.leaving[:at:at], p.leaving[at+1:]...)
		p.actions.Terminate = append(p.actions.Terminate, Termination{ID: i.ID, Zone: i.Zone, Reason: i.Replace})
	}
}

// nextLeaving is the index of the instance that is replaced next, or -1.
func (p *planner) nextLeaving(counts map[string]int) int {
	chosen := -1
	for at, i := range p.leaving {
		if chosen < 0 || leavesBefore(i, p.leaving[chosen], counts, p.group.Zones) {
			chosen = at
		}
	}
	return chosen
}

func leavesBefore(a, b Instance, counts map[string]int, zones []string) bool {
	if a.Ready != b.Ready {
		return b.Ready
	}
	return goesBefore(a, b, counts, zones)
}

func isReady(i Instance) bool { return i.Ready }

func count(instances []Instance, is func(Instance) bool) int {
	n := 0
	for _, i := range instances {
		if is(i) {
			n++
		}
	}
	return n
}
