package awsstack

import (
	"slices"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/bootstrap"
	"orchard/infra/internal/servicestack"
	"orchard/infra/internal/settings"
)

// declareNodes is one group of a fixed size over all zones. No load balancer
// leads to it and no hook holds it back: a node that does not come up is seen
// by its missing results.
func declareNodes(s scope, set settings.Settings, image string, load servicestack.Load, p runnerParts) (group, error) {
	template, err := declareTemplate(s, machine{
		name: "node", description: "A node of the load runner.",
		image: image, instanceType: set.Fleet.InstanceType, userData: nodeUserData(set, load, p),
		profile: p.identity.profile, group: p.security.node, public: true,
	})
	if err != nil {
		return group{}, err
	}
	plan := groupPlan{"node", p.network.zones, set.Runner.Nodes, set.Runner.Nodes}
	declared, err := autoscaling.NewGroup(s.Context, plan.name, &autoscaling.GroupArgs{
		MinSize:         pulumi.Int(plan.min),
		MaxSize:         pulumi.Int(plan.max),
		DesiredCapacity: pulumi.Int(plan.min),
		LaunchTemplate: autoscaling.GroupLaunchTemplateArgs{
			Id:      template.ID(),
			Version: template.LatestVersion.ApplyT(strconv.Itoa).(pulumi.StringOutput),
		},
		VpcZoneIdentifiers:     p.network.subnetIDs(publicSubnet),
		HealthCheckType:        pulumi.String("EC2"),
		InstanceRefresh:        nodeRefresh(),
		EnabledMetrics:         pulumi.ToStringArray(groupMetrics),
		MetricsGranularity:     pulumi.String("1Minute"),
		WaitForCapacityTimeout: pulumi.String(capacityTimeout),
		Tags:                   s.groupTags(),
	}, s.on, pulumi.DependsOn(p.bootNeeds()))
	return group{declared, plan}, err
}

// nodeRefresh takes half of the nodes away before it makes new ones: more than
// all of them would send more than was asked for.
func nodeRefresh() autoscaling.GroupInstanceRefreshArgs {
	return autoscaling.GroupInstanceRefreshArgs{
		Strategy: pulumi.String("Rolling"),
		Preferences: autoscaling.GroupInstanceRefreshPreferencesArgs{
			MinHealthyPercentage: pulumi.Int(50), MaxHealthyPercentage: pulumi.Int(100), InstanceWarmup: pulumi.String("0"),
		},
	}
}

// nodeUserData is known once the bucket and the service are.
func nodeUserData(set settings.Settings, load servicestack.Load, p runnerParts) pulumi.StringOutput {
	return pulumi.All(p.store.bucket.ID(), load.Service.URL).ApplyT(func(values []any) (string, error) {
		plan, err := load.Plan.For(values[1].(string))
		if err != nil {
			return "", err
		}
		script, err := bootstrap.AWSRunner{
			Runner: bootstrap.Runner{
				Digest: p.store.Digest, Token: set.WriteToken, TokenKey: p.store.tokenKey,
				Plan: plan, Length: set.Runner.Length,
			},
			Region: set.Region, Bucket: string(values[0].(pulumi.ID)), Key: p.store.Key(), ResultsPrefix: p.store.resultsPrefix,
		}.Render()
		return encode(script), err
	}).(pulumi.StringOutput)
}

// bootNeeds is what a node uses from its first second on and no input of the
// group names.
func (p runnerParts) bootNeeds() []pulumi.Resource {
	return slices.Concat(p.network.egress, p.security.rules, p.identity.grants, []pulumi.Resource{p.store.object, p.store.token})
}
