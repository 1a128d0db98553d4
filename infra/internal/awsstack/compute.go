package awsstack

import (
	"slices"
	"strconv"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/settings"
)

// Grace is how long a new instance in service is not judged, warmup how long
// its load does not count towards the metric.
const (
	healthCheckGrace = 180 * time.Second
	instanceWarmup   = 120 * time.Second
	capacityTimeout  = "10m"
)

// groupMetrics are all that a group can report, each minute.
var groupMetrics = []string{
	"GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize",
	"GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances",
}

// group is one scaling group and the zones that it spans.
type group struct {
	*autoscaling.Group
	groupPlan
}

// groupPlan is a group before it is declared.
type groupPlan struct {
	// name ends the logical names of the group and its policies.
	name     string
	zones    []zoneNetwork
	min, max int
}

// regionalGroup names the one group over all zones.
const regionalGroup = "app"

// planGroups is one group over all zones, or one in each. The zonal groups
// share the fleet's sizes evenly, which settings has checked.
func planGroups(fleet settings.Fleet, zones []zoneNetwork) []groupPlan {
	if fleet.Topology == settings.Regional {
		return []groupPlan{{regionalGroup, zones, fleet.MinSize, fleet.MaxSize}}
	}
	plans := make([]groupPlan, len(zones))
	for i, z := range zones {
		plans[i] = groupPlan{z.zone, zones[i : i+1], fleet.MinSize / len(zones), fleet.MaxSize / len(zones)}
	}
	return plans
}

// groupNames are the names of the groups that planGroups plans.
func groupNames(s scope, fleet settings.Fleet, zones []zoneNetwork) []string {
	var names []string
	for _, plan := range planGroups(fleet, zones) {
		names = append(names, groupName(s.stack, plan.name))
	}
	return names
}

func declareFleet(s scope, set settings.Settings, image string, p parts) ([]group, error) {
	template, err := declareTemplate(s, machine{
		name: "app", description: "An application instance.",
		image: image, instanceType: set.Fleet.InstanceType, userData: userData(set, p),
		profile: p.identity.profile, group: p.security.app,
	})
	if err != nil {
		return nil, err
	}
	var groups []group
	for _, plan := range planGroups(set.Fleet, p.network.zones) {
		declared, err := declareGroup(s, set, plan, template, p)
		if err != nil {
			return nil, err
		}
		if err := declarePolicies(s, declared, set.Fleet, p.balancer); err != nil {
			return nil, err
		}
		groups = append(groups, declared)
	}
	return groups, nil
}

func declareGroup(s scope, set settings.Settings, plan groupPlan, template *ec2.LaunchTemplate, p parts) (group, error) {
	subnets := network{zones: plan.zones}.subnetIDs(appSubnet)
	declared, err := autoscaling.NewGroup(s.Context, plan.name, &autoscaling.GroupArgs{
		Name:                      pulumi.String(groupName(s.stack, plan.name)),
		MinSize:                   pulumi.Int(plan.min),
		MaxSize:                   pulumi.Int(plan.max),
		DesiredCapacity:           pulumi.Int(plan.min),
		MixedInstancesPolicy:      instanceTypes(template, set.Fleet),
		VpcZoneIdentifiers:        subnets,
		TargetGroupArns:           pulumi.StringArray{p.balancer.targets.Arn},
		HealthCheckType:           pulumi.String("ELB"),
		HealthCheckGracePeriod:    seconds(healthCheckGrace),
		DefaultInstanceWarmup:     seconds(instanceWarmup),
		InitialLifecycleHooks:     launchHook(),
		InstanceMaintenancePolicy: maintenance(plan.min),
		InstanceRefresh:           refresh(plan.min),
		EnabledMetrics:            pulumi.ToStringArray(groupMetrics),
		MetricsGranularity:        pulumi.String("1Minute"),
		MinElbCapacity:            pulumi.Int(plan.min),
		WaitForCapacityTimeout:    pulumi.String(capacityTimeout),
		Tags:                      s.groupTags(),
	}, s.on, pulumi.IgnoreChanges([]string{"desiredCapacity"}), pulumi.DependsOn(p.bootNeeds()))
	return group{declared, plan}, err
}

// instanceTypes are launched on demand alone, the first that a zone has. The
// template's version is named by its number: "$Latest" would never differ, so
// no update would ever start a refresh.
func instanceTypes(template *ec2.LaunchTemplate, fleet settings.Fleet) autoscaling.GroupMixedInstancesPolicyArgs {
	var overrides autoscaling.GroupMixedInstancesPolicyLaunchTemplateOverrideArray
	for _, each := range append([]string{fleet.InstanceType}, fleet.OtherTypes...) {
		overrides = append(overrides, autoscaling.GroupMixedInstancesPolicyLaunchTemplateOverrideArgs{InstanceType: pulumi.String(each)})
	}
	return autoscaling.GroupMixedInstancesPolicyArgs{
		InstancesDistribution: autoscaling.GroupMixedInstancesPolicyInstancesDistributionArgs{
			OnDemandAllocationStrategy:          pulumi.String("prioritized"),
			OnDemandPercentageAboveBaseCapacity: pulumi.Int(100),
		},
		LaunchTemplate: autoscaling.GroupMixedInstancesPolicyLaunchTemplateArgs{
			LaunchTemplateSpecification: autoscaling.GroupMixedInstancesPolicyLaunchTemplateLaunchTemplateSpecificationArgs{
				LaunchTemplateId: template.ID(),
				Version:          template.LatestVersion.ApplyT(strconv.Itoa).(pulumi.StringOutput),
			},
			Overrides: overrides,
		},
	}
}

// groupTags are written out: a provider's default tags do not reach groups.
func (s scope) groupTags() autoscaling.GroupTagArray {
	tag := func(key, value string) autoscaling.GroupTagArgs {
		return autoscaling.GroupTagArgs{Key: pulumi.String(key), Value: pulumi.String(value), PropagateAtLaunch: pulumi.Bool(true)}
	}
	return autoscaling.GroupTagArray{tag("Project", "orchard"), tag("Stack", s.stack)}
}

// bootNeeds is what an instance uses from its first second on and no input
// of the group names.
func (p parts) bootNeeds() []pulumi.Resource {
	return slices.Concat(
		p.network.egress, p.security.rules, p.identity.grants,
		[]pulumi.Resource{p.release.object, p.database.instance, p.balancer.listener},
	)
}
