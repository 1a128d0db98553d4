package scaling

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Rollout is how a new template version comes to the instances that run: all
// old ones at the pace that Bounds set (an instance refresh on AWS), or batch
// by batch (a rolling upgrade on Azure).
type Rollout struct {
	Bounds Bounds
	// Stall is how long nothing may move before the roll-out has failed; 0
	// for ever.
	Stall time.Duration

	// Batch is the share of the group that is replaced at a time, in per cent;
	// 0 for no batches. At least one instance is.
	Batch int
	// Pause is the time between batches.
	Pause time.Duration
	// MaxUnhealthy is the share of the group that may not be ready before a
	// batch begins, MaxUnhealthyUpgraded that of the upgraded instances after
	// one, in per cent. Above it the roll-out fails.
	MaxUnhealthy, MaxUnhealthyUpgraded int
	// UnhealthyFirst takes instances that are not ready before others.
	UnhealthyFirst bool
	// CrossZone lets a batch take instances of several zones.
	CrossZone bool
}

// RolloutStatus is how far a roll-out is.
type RolloutStatus string

// The states of a roll-out. One that has failed leaves the instances as they
// are; new ones are launched from the new version all the same.
const (
	Rolling    RolloutStatus = "rolling"
	RolledOut  RolloutStatus = "done"
	RollFailed RolloutStatus = "failed"
)

// Progress is a roll-out under way. It is a value: Roll returns the next one,
// and whoever keeps it can go on after a restart.
type Progress struct {
	Version int           `json:"version"` // that all instances are to have
	Began   time.Time     `json:"began"`
	Moved   time.Time     `json:"moved"` // when an instance was last done
	Status  RolloutStatus `json:"status"`
	Reason  string        `json:"reason,omitempty"` // why it has failed
	Old     int           `json:"old"`              // instances that are still to be replaced
	Updated int           `json:"updated"`          // instances of the version that are ready
	Batch   []string      `json:"batch,omitempty"`  // the instances of the current batch
	Next    time.Time     `json:"next,omitzero"`    // when the next batch may begin
}

// Begin is a roll-out of a version that begins now.
func Begin(version int, now time.Time) Progress {
	return Progress{Version: version, Began: now, Moved: now, Status: Rolling}
}

// Roll says which instances are to be replaced now, gradually and within the
// roll-out's Bounds, and why. Instances that were launched before it began are
// old, whatever version they have.
//
// Source: Amazon EC2 Auto Scaling, instance refresh (without skip matching, so
// every instance is replaced; an hour without progress fails it); Azure
// virtual machine scale sets, rolling upgrades (batches, the two shares of
// unhealthy instances, surge).
func Roll(r Rollout, p Progress, instances []Instance, now time.Time) (Progress, map[string]string) {
	if p.Status != Rolling {
		return p, nil
	}
	old, upgraded := p.divide(instances)
	p = p.count(old, upgraded, now)
	switch {
	case p.Old == 0 && p.Updated == len(upgraded) && len(upgraded) > 0:
		p.Status, p.Batch = RolledOut, nil
		return p, nil
	case r.Stall > 0 && now.Sub(p.Moved) >= r.Stall:
		return p.fail("no instance was replaced in %s", r.Stall), nil
	case r.Batch == 0:
		return p, p.reasons(old)
	}
	return p.batch(r, old, upgraded, now)
}

// divide tells the instances that are to be replaced from those that are not.
func (p Progress) divide(instances []Instance) (old, upgraded []Instance) {
	for _, i := range instances {
		switch {
		case i.Terminating:
		case i.Launched.Before(p.Began) || i.TemplateVersion != p.Version:
			old = append(old, i)
		default:
			upgraded = append(upgraded, i)
		}
	}
	return old, upgraded
}

// count notes how far the roll-out is. Fewer old instances, or more new ones
// that are ready, is progress.
func (p Progress) count(old, upgraded []Instance, now time.Time) Progress {
	ready := count(upgraded, isReady)
	if p.Old == 0 && p.Updated == 0 || len(old) < p.Old || ready > p.Updated {
		p.Moved = now
	}
	p.Old, p.Updated = len(old), ready
	return p
}

func (p Progress) fail(format string, args ...any) Progress {
	p.Status, p.Reason, p.Batch = RollFailed, fmt.Sprintf(format, args...), nil
	return p
}

func (p Progress) reasons(old []Instance) map[string]string {
	reasons := map[string]string{}
	for _, i := range old {
		reasons[i.ID] = fmt.Sprintf("replaced by version %d", p.Version)
	}
	return reasons
}

// batch goes on with the current batch, or begins the next.
func (p Progress) batch(r Rollout, old, upgraded []Instance, now time.Time) (Progress, map[string]string) {
	current := slices.DeleteFunc(slices.Clone(old), func(i Instance) bool { return !slices.Contains(p.Batch, i.ID) })
	if len(current) > 0 {
		return p, p.reasons(current)
	}
	unready := len(upgraded) - p.Updated
	if len(p.Batch) > 0 { // its last instance has just gone
		if bad := count(upgraded, isUnwell); above(bad, len(upgraded), r.MaxUnhealthyUpgraded) {
			return p.fail("%d of %d upgraded instances are not healthy, %d %% may be", bad, len(upgraded), r.MaxUnhealthyUpgraded), nil
		}
		p.Batch, p.Next = nil, now.Add(r.Pause)
	}
	if now.Before(p.Next) || unready > 0 || len(old) == 0 {
		return p, nil
	}
	all := len(old) + len(upgraded)
	if bad := len(old) - count(old, isReady); above(bad, all, r.MaxUnhealthy) {
		return p.fail("%d of %d instances are not healthy, %d %% may be", bad, all, r.MaxUnhealthy), nil
	}
	next := r.choose(old, max(1, all*r.Batch/100))
	for _, i := range next {
		p.Batch = append(p.Batch, i.ID)
	}
	return p, p.reasons(next)
}

// isUnwell says that an instance has booted and is not ready.
func isUnwell(i Instance) bool { return !i.Ready && !i.Booting }

func above(part, whole, percent int) bool { return part*100 > whole*percent }

// choose takes the n instances of the next batch, by zone and age.
func (r Rollout) choose(old []Instance, n int) []Instance {
	slices.SortFunc(old, func(a, b Instance) int {
		unhealthy := 0
		if r.UnhealthyFirst && a.Ready != b.Ready {
			unhealthy = 1
			if b.Ready {
				unhealthy = -1
			}
		}
		return cmp.Or(unhealthy, cmp.Compare(a.Zone, b.Zone), a.Launched.Compare(b.Launched), cmp.Compare(a.ID, b.ID))
	})
	if !r.CrossZone {
		zone := old[0].Zone
		old = slices.DeleteFunc(old, func(i Instance) bool { return i.Zone != zone })
	}
	return old[:min(n, len(old))]
}
