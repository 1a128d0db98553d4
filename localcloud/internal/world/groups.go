package world

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"orchard/localcloud/internal/health"
	"orchard/localcloud/internal/scaling"
)

// backoff is how long a zone rests after boots that failed. A cloud does
// likewise, at its own pace; these are for a machine with someone waiting.
var backoff = scaling.Backoff{First: time.Second, Max: 30 * time.Second}

// planGroups decides which instances to launch and which to terminate.
func (w *World) planGroups(now time.Time) []step {
	var steps []step
	steps = append(steps, w.planLost(now)...)
	rolled := w.planRollouts(now)
	for _, id := range slices.Sorted(maps.Keys(w.declared.Groups)) {
		g := w.declared.Groups[id]
		actions := scaling.Plan(w.scalingGroup(g), w.scalingInstances(g, rolled, now), now)
		w.state.Desired[id] = actions.Desired
		for _, t := range actions.Terminate {
			i := w.state.Instances[t.ID]
			if i.Own == health.Unhealthy && i.State != Terminating {
				w.repaired(i)
			}
			steps = append(steps, w.planTermination(i, t.Reason)...)
		}
		for _, l := range actions.Launch {
			if s, ok := w.planLaunch(g, l, now); ok {
				steps = append(steps, s)
			}
		}
	}
	return append(steps, w.planOrphans()...)
}

// planOrphans terminates the instances whose group is gone, and takes up again
// the terminations that an earlier daemon had begun.
func (w *World) planOrphans() []step {
	var steps []step
	for _, id := range slices.Sorted(maps.Keys(w.state.Instances)) {
		i := w.state.Instances[id]
		_, declared := w.declared.Groups[i.Group]
		switch {
		case i.State == Terminating:
			steps = append(steps, w.planTermination(i, i.Reason)...)
		case !declared:
			delete(w.state.Desired, i.Group)
			steps = append(steps, w.planTermination(i, "its group is deleted")...)
		}
	}
	return steps
}

func (w *World) scalingGroup(g Group) scaling.Group {
	desired, ok := w.state.Desired[g.ID]
	if !ok {
		desired = g.Desired
	}
	out := scaling.Group{
		Min: g.Min, Max: g.Max, Desired: desired,
		Zones: g.Zones, Rebalance: g.Rebalance, Bounds: w.boundsOf(g),
		CannotLaunch: w.cannotLaunch(), Failures: w.actual.failures[g.ID], Backoff: backoff,
	}
	if len(g.Rules) > 0 {
		out.Min, out.Max = 0, max(g.Max, desired) // the rules pull it back, when they are looked at
	}
	if g.BalancedOnly {
		out.Balance = scaling.BalancedOnly
	}
	return out
}

// scalingInstances are the instances of a group as scaling sees them. rolled
// tells which of them a roll-out replaces, and why.
func (w *World) scalingInstances(g Group, rolled map[string]string, now time.Time) []scaling.Instance {
	var out []scaling.Instance
	unwell := w.unwellOf(g, now)
	for _, i := range w.instancesOf(g.ID) {
		s := scaling.Instance{
			ID: i.ID, Zone: i.Zone, TemplateVersion: i.TemplateVersion, Launched: i.Launched,
			Booting: booting(g, i), Terminating: i.State == Terminating,
			Ready: w.ready(g, i, now), Surplus: i.Surplus,
		}
		s.Replace, s.Gradual = w.replacement(g, i, unwell, now)
		if why := rolled[i.ID]; s.Replace == "" && why != "" {
			s.Replace, s.Gradual = why, true
		}
		out = append(out, s)
	}
	return out
}

// booting says whether an instance has not come into service, or has not said
// yet how it is where its group asks it.
func booting(g Group, i *Instance) bool {
	silent := g.OwnCheck != nil && !i.OwnPassed && i.Own != health.Unhealthy
	return i.State == Pending || i.State == Waiting || i.State == InService && silent
}

// replacement is why an instance is to be replaced whatever its version, and
// whether that may wait for its replacement.
func (w *World) replacement(g Group, i *Instance, unwell map[string]string, now time.Time) (why string, gradual bool) {
	switch {
	case i.State == Stopped:
		return "", false
	case w.actual.discarded[i.ID]:
		return "its user-data failed, and the program has changed since", false
	case w.givenUp(i, now):
		return "its launch was given up", false
	case w.lost(i, now):
		return "its process is gone", false
	}
	return unwell[i.ID], g.Maintenance != Bounds{}
}

// unwellOf tells which instances of a group are to be replaced now for being
// unhealthy, and why.
func (w *World) unwellOf(g Group, now time.Time) map[string]string {
	unwell := map[string]string{}
	armed := w.armedPools(g)
	rules := health.Rules{BalancerHealth: g.BalancerHealth || g.Repairs != nil, Grace: w.Scaled(g.Grace)}
	if g.Repairs != nil {
		rules.Changed = w.state.Changed[g.ID]
	}
	for _, i := range w.instancesOf(g.ID) {
		if i.State != InService || w.gone(i.ID) {
			continue
		}
		if why, replace := health.Replace(w.healthOf(g, i, armed), rules, now); replace {
			unwell[i.ID] = why
		}
	}
	return w.limitRepairs(g, unwell)
}

// ready says whether an instance serves, and has done so for its warmup.
func (w *World) ready(g Group, i *Instance, now time.Time) bool {
	well := w.healthy(g, i) && (g.OwnCheck == nil || i.Own == health.Healthy)
	return well && !now.Before(i.InService.Add(w.warmupOf(g)))
}

// instancesOf are the instances of a group, by launch and id.
func (w *World) instancesOf(group string) []*Instance {
	var out []*Instance
	for _, i := range w.state.Instances {
		if i.Group == group {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b *Instance) int {
		return cmp.Or(a.Launched.Compare(b.Launched), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// healthOf is what counts of an instance's health for its group: what the
// balancers say, or what it says of itself. The latter needs no arming: an
// instance that never says that it is well is replaced after the grace period.
func (w *World) healthOf(g Group, i *Instance, armed map[string]bool) health.Instance {
	out := health.Instance{Running: true, InService: i.InService}
	if g.OwnCheck != nil {
		out.Attachments = append(out.Attachments, health.Attachment{By: "the instance itself", State: i.Own, Armed: true})
	}
	if !g.BalancerHealth {
		return out
	}
	for pool, state := range i.Health {
		out.Attachments = append(out.Attachments, health.Attachment{
			By: "pool " + w.declared.Pools[pool].Name, State: state, Armed: armed[pool],
		})
	}
	return out
}

// armedPools are the pools in which an instance of the group has passed.
func (w *World) armedPools(g Group) map[string]bool {
	armed := map[string]bool{}
	for _, i := range w.instancesOf(g.ID) {
		for _, pool := range i.Passed {
			armed[pool] = true
		}
	}
	return armed
}

// planLaunch writes an instance down. Its address and identity are its own from
// now on, whether or not it ever starts.
func (w *World) planLaunch(g Group, l scaling.Launch, now time.Time) (step, bool) {
	address := w.instanceAddress(l.Zone)
	if address == "" {
		w.log.Error("no address is left in the zone", "zone", l.Zone)
		return step{}, false
	}
	version := w.declared.Templates[g.Template].Versions[g.TemplateVersion]
	i := &Instance{
		ID: w.cloud().NewInstanceID(g), Group: g.ID, Zone: l.Zone, Address: address,
		Template: g.Template, TemplateVersion: g.TemplateVersion, Identity: version.Identity,
		State: Pending, Launched: now, Surplus: l.Surplus,
	}
	w.state.Instances[i.ID] = i
	w.event("instance", i.ID, fmt.Sprintf("launch in %s for group %s: %s", l.Zone, g.Name, l.Reason))
	return w.bootStep(*i, version), true
}

func taskOf(i *Instance) string { return "instance/" + i.ID }
