package scaling

import (
	"fmt"
	"time"
)

// Group is what a scaling group declares and what is known of its zones.
type Group struct {
	Min, Max, Desired int
	// Zones are where instances may be launched. Their order breaks ties.
	Zones []string
	// Balance says what happens when a zone cannot launch.
	Balance Balance
	// Rebalance makes the group move instances to the zone with fewest when
	// zones have come to differ by two or more. Azure scale sets do not.
	Rebalance bool
	// CannotLaunch names zones in which launches fail now, with the reason.
	CannotLaunch map[string]string
	// Failures are the launches and boots that failed since the last one
	// that succeeded, by zone, in order of time.
	Failures map[string][]time.Time
	// Backoff is how long a zone rests after failures.
	Backoff Backoff
	// Bounds hold for instances whose replacement is gradual.
	Bounds Bounds
}

// Balance is how strictly a group spreads over its zones.
type Balance int

const (
	// BestEffort launches in another zone when one cannot launch (AWS
	// balanced-best-effort, the default).
	BestEffort Balance = iota
	// BalancedOnly keeps waiting for the zone (AWS balanced-only).
	BalancedOnly
)

// Instance is one instance of a group.
type Instance struct {
	ID, Zone        string
	TemplateVersion int
	Launched        time.Time
	// Booting is true until the instance has come into service.
	Booting bool
	// Ready instances are in service, healthy and warm: those that Bounds
	// count on.
	Ready bool
	// Terminating instances count for nothing and are left alone.
	Terminating bool
	// Replace is why the instance must be replaced; empty if it need not be.
	Replace string
	// Gradual instances are replaced within the group's Bounds, and are in
	// service until then; others go at once.
	Gradual bool
	// Protected instances are not chosen for scale in.
	Protected bool
	// Surplus is true for an instance that was launched by a Launch with
	// Surplus: until it is ready the group may be above desired.
	Surplus bool
}

// Actions is what to do now.
type Actions struct {
	// Desired is the desired count within min and max.
	Desired   int
	Launch    []Launch
	Terminate []Termination
	// Held are launches that are due and cannot be made, by zone.
	Held []Held
	// Retry is when the earliest back-off ends; zero if none runs.
	Retry time.Time
}

// Launch is one instance to launch.
type Launch struct {
	Zone    string
	Reason  string
	Surplus bool // above desired until it takes over; to be noted on the instance
}

// Termination is one instance to terminate.
type Termination struct {
	ID, Zone string
	Reason   string
	// ScaleIn is true when the instance is well and merely one too many.
	ScaleIn bool
}

// Held is a number of launches that wait for a zone.
type Held struct {
	Zone   string
	Count  int
	Reason string
}

// Plan says what brings the instances to the group's desired count.
//
// Instances that must be replaced are terminated, gradually where they say
// so; what is then missing is launched, each in the zone with fewest (the
// first of them in the group's order); what is too many is terminated in the
// zone with most, there the oldest launch template version first, then the
// oldest instance. Desired is pulled into min and max first.
//
// Source: Amazon EC2 Auto Scaling, availability zone distribution, default
// termination policy (without the billing hour, which per-second billing has
// made empty) and instance maintenance policies.
func Plan(g Group, instances []Instance, now time.Time) Actions {
	p := planner{group: g, zones: launchable(g, now)}
	p.actions.Desired = max(g.Min, min(g.Desired, g.Max))
	p.actions.Retry = p.zones.retry
	for _, i := range instances {
		p.sort(i)
	}
	p.release()
	missing := p.actions.Desired - len(p.kept)
	switch {
	case missing > 0:
		p.launch(min(missing, p.room()))
	case missing < 0:
		p.scaleIn(-missing - p.surplus())
	case g.Rebalance && len(p.leaving) == 0:
		p.rebalance()
	}
	return p.actions
}

type planner struct {
	group   Group
	zones   zoneLimits
	kept    []Instance // neither terminating nor to be replaced
	leaving []Instance // to be replaced, and in service until then
	actions Actions
}

func (p *planner) sort(i Instance) {
	switch {
	case i.Terminating:
	case i.Replace != "" && i.Gradual:
		p.leaving = append(p.leaving, i)
	case i.Replace != "":
		p.actions.Terminate = append(p.actions.Terminate, Termination{ID: i.ID, Zone: i.Zone, Reason: i.Replace})
	default:
		p.kept = append(p.kept, i)
	}
}

func (p *planner) launch(n int) {
	counts := p.counts()
	reason := fmt.Sprintf("%d of %d instances", len(p.kept), p.actions.Desired)
	held := map[string]int{}
	for range n {
		zone, why := p.zones.pick(counts, p.group)
		if zone == "" {
			held[""]++
			continue
		}
		counts[zone]++
		if why != "" {
			held[zone]++
			continue
		}
		p.actions.Launch = append(p.actions.Launch, Launch{Zone: zone, Reason: reason, Surplus: p.aboveDesired()})
	}
	for _, zone := range append([]string{""}, p.group.Zones...) {
		if held[zone] > 0 {
			p.actions.Held = append(p.actions.Held, Held{Zone: zone, Count: held[zone], Reason: p.zones.reason(zone)})
		}
	}
}

// surplus is how many instances above desired are only there to take over, and
// cannot yet.
func (p *planner) surplus() int {
	n := 0
	for _, i := range p.kept {
		if i.Surplus && !i.Ready {
			n++
		}
	}
	return n
}

// aboveDesired says whether one more launch makes the group larger than
// desired.
func (p *planner) aboveDesired() bool {
	return len(p.kept)+len(p.leaving)+len(p.actions.Launch) >= p.actions.Desired
}

func (p *planner) counts() map[string]int {
	counts := map[string]int{}
	for _, i := range p.kept {
		counts[i.Zone]++
	}
	return counts
}
