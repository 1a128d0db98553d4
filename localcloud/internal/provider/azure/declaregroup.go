package azure

import (
	"slices"
	"time"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// waitTimeout is how long the create of a scale set waits for its instances.
const waitTimeout = 10 * time.Minute

// Repairs take 5 per cent of a scale set at a time, in a small one a single
// instance. Source: automatic instance repairs. After how many that did not
// help they are suspended is not documented; the number is chosen.
const (
	repairShare = 5
	repairTries = 3
)

func declareGroup(r world.Resource, all []world.Resource) world.Group {
	o := outs(r)
	capacity := o.Object("sku").Int("capacity")
	repairs := o.Object("automaticRepairsPolicy")
	g := world.Group{
		ID: r.ID, Name: o.Text("name"), Min: capacity, Max: capacity, Desired: capacity,
		Template: r.ID, TemplateVersion: privates(r).Int("latest"), Pools: groupPools(o, all),
		Grace:        lasting(repairs.Text("gracePeriod")),
		BalancedOnly: o.Flag("zoneBalance"),
		Rebalance:    o.Object("resiliencyPolicy").Object("automaticZoneRebalancingPolicy").Flag("enabled"),
		Rollout:      rollout(o),
	}
	for _, number := range o.Texts("zones") {
		g.Zones = append(g.Zones, zone(o.Text("location"), number))
	}
	slices.Sort(g.Zones)
	g.OwnCheck = ownCheck(o.Object("virtualMachineProfile"))
	if repairs.Flag("enabled") {
		g.Repairs = &world.Repairs{Share: repairShare, Tries: repairTries}
	}
	if notice := terminateNotice(o.Object("virtualMachineProfile")); notice.Flag("enable") {
		g.Notice = lasting(notice.Text("notBeforeTimeout"))
	}
	if len(g.Pools) > 0 {
		g.WaitHealthy, g.WaitTimeout = capacity, waitTimeout
	}
	if profile, ok := autoscaleOf(all, r.ID); ok {
		g.Min, g.Max = count(profile.Object("capacity"), "minimum"), count(profile.Object("capacity"), "maximum")
		g.Desired = min(max(g.Desired, g.Min), g.Max)
		g.Default = count(profile.Object("capacity"), "default")
		g.Rules = declareRules(profile)
		g.WaitHealthy = min(g.WaitHealthy, g.Min)
	}
	m := readMap(all)
	f := m.fleet(r)
	g.Blocked = m.blocked(f)
	g.BlockedFrom, g.BlockedChecks = m.blockedFrom(f)
	return g
}

// groupPools are the rules by which connections come to a scale set.
func groupPools(set provider.Inputs, all []world.Resource) []string {
	var ids []string
	for _, pool := range scaleSetPools(set) {
		balancer, ok := balancerOf(all, pool)
		if !ok {
			continue
		}
		for _, rule := range rulesTo(balancer, pool) {
			ids = append(ids, rule.Text("id"))
		}
	}
	return ids
}

// ownCheck is what the health extension asks its own machine. Version 2 goes
// by what the answer says, version 1 by its status 200 alone.
func ownCheck(profile provider.Inputs) *world.HealthCheck {
	extension, ok := healthCheck(profile)
	if !ok {
		return nil
	}
	settings := extension.Object("settings")
	interval, probes := time.Duration(settings.Int("intervalInSeconds"))*time.Second, settings.Int("numberOfProbes")
	check := &world.HealthCheck{
		Secure: settings.Text("protocol") == "https", Path: settings.Text("requestPath"), Port: settings.Int("port"), Matcher: "200",
		Interval: interval, Timeout: interval, Healthy: probes, Unhealthy: probes,
	}
	if check.Path != "" && check.Path[0] != '/' {
		check.Path = "/" + check.Path
	}
	if extension.Text("typeHandlerVersion") != "1.0" {
		check.Matcher, check.BodyField, check.BodyValue, check.BodyUnhealthy = "200-299", "ApplicationHealthState", "Healthy", "Unhealthy"
		check.Grace = time.Duration(settings.Int("gracePeriod")) * time.Second
	}
	return check
}

func declareRules(profile provider.Inputs) []world.Rule {
	var rules []world.Rule
	for _, r := range profile.Objects("rules") {
		trigger, action := r.Object("metricTrigger"), r.Object("scaleAction")
		rule := world.Rule{
			Metric: "cpu", Operator: operators[trigger.Text("operator")], Threshold: trigger.Number("threshold"),
			Period: lasting(trigger.Text("timeGrain")), Window: lasting(trigger.Text("timeWindow")),
			Across: combinations[trigger.Text("statistic")], Over: combinations[trigger.Text("timeAggregation")],
			Change: count(action, "value"), Rest: lasting(action.Text("cooldown")),
		}
		switch action.Text("direction") {
		case "Decrease":
			rule.Change = -rule.Change
		case "None":
			continue
		}
		rules = append(rules, rule)
	}
	return rules
}

var operators = map[string]string{
	"Equals": "==", "NotEquals": "!=", "GreaterThan": ">", "GreaterThanOrEqual": ">=", "LessThan": "<", "LessThanOrEqual": "<=",
}

var combinations = map[string]string{
	"Average": "average", "Min": "min", "Minimum": "min", "Max": "max", "Maximum": "max", "Sum": "sum", "Total": "sum", "Count": "count", "Last": "last",
}
