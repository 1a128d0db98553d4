package aws

import (
	"time"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// defaultWarmup counts for a policy where neither it nor its group says: the
// group's default cooldown.
const defaultWarmup = 300 * time.Second

func declareGroup(r world.Resource, all []world.Resource) world.Group {
	o := outs(r)
	g := world.Group{
		ID: r.ID, Name: o.Text("name"),
		Min: o.Int("minSize"), Max: o.Int("maxSize"), Desired: max(o.Int("desiredCapacity"), o.Int("minSize")),
		Pools:          o.Texts("targetGroupArns"),
		BalancerHealth: o.Text("healthCheckType") == "ELB",
		Grace:          seconds(o.Int("healthCheckGracePeriod")),
		BalancedOnly:   o.Object("availabilityZoneDistribution").Text("capacityDistributionStrategy") == "balanced-only",
		Rebalance:      true,
		ReplacesLost:   true,
		Warmup:         groupWarmup(o),
		WaitHealthy:    waitHealthy(o),
		Maintenance:    maintenance(o),
		Hook:           launchHook(o),
		Rollout:        rollout(o),
	}
	// The table has checked the duration; 0 is not to wait.
	g.WaitTimeout, _ = time.ParseDuration(o.Text("waitForCapacityTimeout"))
	if template, ok := findTemplate(all, templateOf(o)); ok {
		g.Template = template.ID
		g.TemplateVersion = templateVersion(template, templateOf(o).Text("version"))
	}
	m := readMap(all)
	g.Zones = m.zonesOf(o.Texts("vpcZoneIdentifiers"))
	for _, policy := range each(all, typePolicy) {
		if p := outs(policy); p.Text("autoscalingGroupName") == g.Name && p.Flag("enabled") {
			g.Policies = append(g.Policies, declarePolicy(policy, g.Warmup))
		}
	}
	f := m.fleet(r)
	g.Blocked = m.blocked(f)
	g.BlockedFrom, g.BlockedChecks = m.blockedFrom(f, servicePort), m.blockedFrom(f, checkPort)
	return g
}

func groupWarmup(group provider.Inputs) time.Duration {
	if n := group.Int("defaultInstanceWarmup"); group.Has("defaultInstanceWarmup") && n >= 0 {
		return seconds(n)
	}
	return defaultWarmup
}

// waitHealthy is how many instances the provider waits for. The property for
// updates counts before the one for the Create alone.
func waitHealthy(group provider.Inputs) int {
	if group.Has("waitForElbCapacity") {
		return group.Int("waitForElbCapacity")
	}
	return group.Int("minElbCapacity")
}

func declarePolicy(r world.Resource, warmup time.Duration) world.Policy {
	o := outs(r)
	tracking := o.Object("targetTrackingConfiguration")
	p := world.Policy{
		ID: r.ID, Name: o.Text("name"), Metric: "cpu",
		Target: tracking.Number("targetValue"), Warmup: warmup,
		DisableScaleIn: tracking.Flag("disableScaleIn"),
	}
	if tracking.Object("predefinedMetricSpecification").Text("predefinedMetricType") == "ALBRequestCountPerTarget" {
		p.Metric = "requests"
	}
	if o.Has("estimatedInstanceWarmup") {
		p.Warmup = seconds(o.Int("estimatedInstanceWarmup"))
	}
	return p
}
