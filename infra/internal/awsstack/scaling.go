package awsstack

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/settings"
)

// declarePolicies scales a group by what its processors and its clients ask.
// Either may scale it out; both must agree to scale it in.
func declarePolicies(s scope, g group, fleet settings.Fleet, b balancer) error {
	_, err := autoscaling.NewPolicy(s.Context, "cpu-"+g.name, tracking(g, float64(fleet.CPUTarget),
		autoscaling.PolicyTargetTrackingConfigurationPredefinedMetricSpecificationArgs{
			PredefinedMetricType: pulumi.String("ASGAverageCPUUtilization"),
		}), s.on)
	if err != nil {
		return err
	}
	// The metric exists only where a listener leads to the target group.
	_, err = autoscaling.NewPolicy(s.Context, "requests-"+g.name, tracking(g, float64(fleet.RequestsPerTarget),
		autoscaling.PolicyTargetTrackingConfigurationPredefinedMetricSpecificationArgs{
			PredefinedMetricType: pulumi.String("ALBRequestCountPerTarget"),
			ResourceLabel:        pulumi.Sprintf("%s/%s", b.balancer.ArnSuffix, b.targets.ArnSuffix),
		}), s.on, pulumi.DependsOn([]pulumi.Resource{b.listener}))
	return err
}

func tracking(g group, target float64, metric autoscaling.PolicyTargetTrackingConfigurationPredefinedMetricSpecificationArgs) *autoscaling.PolicyArgs {
	return &autoscaling.PolicyArgs{
		AutoscalingGroupName: g.Name,
		PolicyType:           pulumi.String("TargetTrackingScaling"),
		TargetTrackingConfiguration: autoscaling.PolicyTargetTrackingConfigurationArgs{
			PredefinedMetricSpecification: metric,
			TargetValue:                   pulumi.Float64(target),
		},
	}
}
