package azurestack

import (
	"strconv"
	"time"

	autoscaling "github.com/pulumi/pulumi-azure-native-sdk/insights/v2/v20221001"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/settings"
)

// Every action is followed by a rest: until new instances carry load, and
// longer before the next is taken away.
const (
	timeGrain   = time.Minute
	timeWindow  = 5 * time.Minute
	outCooldown = 2 * time.Minute
	inCooldown  = 10 * time.Minute
)

// declarePolicies scales a group by what its processors do. What clients ask
// is not counted by a load balancer that passes connections on.
func declarePolicies(s scope, g group, fleet settings.Fleet) (*autoscaling.AutoscaleSetting, error) {
	scaleOut := cpuRule(g, autoscaling.ComparisonOperationTypeGreaterThan, float64(fleet.CPUTarget),
		autoscaling.ScaleDirectionIncrease, outCooldown)
	scaleIn := cpuRule(g, autoscaling.ComparisonOperationTypeLessThan, scaleInBelow(fleet.CPUTarget, g.min),
		autoscaling.ScaleDirectionDecrease, inCooldown)
	return autoscaling.NewAutoscaleSetting(s.Context, "cpu-"+g.name, &autoscaling.AutoscaleSettingArgs{
		ResourceGroupName: s.group.Name,
		Location:          s.location,
		Enabled:           pulumi.Bool(true),
		TargetResourceUri: g.ID(),
		Profiles: autoscaling.AutoscaleProfileArray{autoscaling.AutoscaleProfileArgs{
			Name: pulumi.String("always"),
			Capacity: autoscaling.ScaleCapacityArgs{
				Minimum: number(g.min), Maximum: number(g.max), Default: number(g.min),
			},
			Rules: autoscaling.ScaleRuleArray{scaleOut, scaleIn},
		}},
		Tags: s.named("cpu-" + g.name),
	}, s.on)
}

func number(n int) pulumi.String { return pulumi.String(strconv.Itoa(n)) }

// scaleInBelow is the average that a group of at least min instances may fall
// under before it gives one back, in percent. When n instances at x become
// n-1, each does x·n/(n-1); at its worst, from min+1 to min, that must stay
// under what scales out, by a tenth, or the group would flap.
func scaleInBelow(scaleOutAbove, min int) float64 {
	return float64(scaleOutAbove * min * 9 / (10 * (min + 1)))
}

// cpuRule changes the group by one instance.
func cpuRule(g group, operator autoscaling.ComparisonOperationType, threshold float64, direction autoscaling.ScaleDirection, cooldown time.Duration) autoscaling.ScaleRuleArgs {
	return autoscaling.ScaleRuleArgs{
		MetricTrigger: autoscaling.MetricTriggerArgs{
			MetricName:        pulumi.String("Percentage CPU"),
			MetricResourceUri: g.ID(),
			Statistic:         autoscaling.MetricStatisticTypeAverage,
			TimeAggregation:   autoscaling.TimeAggregationTypeAverage,
			TimeGrain:         minutes(timeGrain),
			TimeWindow:        minutes(timeWindow),
			Operator:          operator,
			Threshold:         pulumi.Float64(threshold),
		},
		ScaleAction: autoscaling.ScaleActionArgs{
			Type: autoscaling.ScaleTypeChangeCount, Direction: direction,
			Value: pulumi.String("1"), Cooldown: minutes(cooldown),
		},
	}
}
