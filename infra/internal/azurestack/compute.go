package azurestack

import (
	"fmt"
	"slices"
	"time"

	armcompute "github.com/pulumi/pulumi-azure-native-sdk/compute/v2/v20241101"
	autoscaling "github.com/pulumi/pulumi-azure-native-sdk/insights/v2/v20221001"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/settings"
)

// Grace is how long a booting instance is not judged; the shortest that a
// scale set's repairs may have is longer, and counts from each change.
const (
	healthCheckGrace    = 180 * time.Second
	healthCheckFailures = 3
	repairGrace         = 10 * time.Minute
	terminateNotice     = 5 * time.Minute
)

// minutes writes a duration of whole minutes in ISO 8601.
func minutes(d time.Duration) pulumi.String {
	return pulumi.String(fmt.Sprintf("PT%dM", int(d.Minutes())))
}

// group is one scale set and the zones that it spans.
type group struct {
	*armcompute.VirtualMachineScaleSet
	groupPlan
	// policy changes its capacity.
	policy *autoscaling.AutoscaleSetting
}

// groupPlan is a group before it is declared.
type groupPlan struct {
	// name ends the logical names of the group and its policies.
	name     string
	zones    []zone
	min, max int
}

// planGroups is one group over all zones, or one in each. The zonal groups
// share the fleet's sizes evenly, which settings has checked.
func planGroups(fleet settings.Fleet, zones []zone) []groupPlan {
	if fleet.Topology == settings.Regional {
		return []groupPlan{{"app", zones, fleet.MinSize, fleet.MaxSize}}
	}
	plans := make([]groupPlan, len(zones))
	for i, z := range zones {
		plans[i] = groupPlan{"app-" + z.number, zones[i : i+1], fleet.MinSize / len(zones), fleet.MaxSize / len(zones)}
	}
	return plans
}

func declareFleet(s scope, set settings.Settings, img image, p parts) ([]group, error) {
	var groups []group
	for _, plan := range planGroups(set.Fleet, p.network.zones) {
		declared, err := declareGroup(s, plan, set, img, p)
		if err != nil {
			return nil, err
		}
		if declared.policy, err = declarePolicies(s, declared, set.Fleet); err != nil {
			return nil, err
		}
		groups = append(groups, declared)
	}
	return groups, nil
}

// declareGroup declares the group with its template inline. Its capacity is
// the autoscale setting's to change.
func declareGroup(s scope, plan groupPlan, set settings.Settings, img image, p parts) (group, error) {
	args := &armcompute.VirtualMachineScaleSetArgs{
		ResourceGroupName: s.group.Name,
		Location:          s.location,
		OrchestrationMode: pulumi.String("Flexible"),
		// Zones leave no choice of fault domains, nor of placement.
		PlatformFaultDomainCount: pulumi.Int(1),
		SinglePlacementGroup:     pulumi.Bool(false),
		Zones:                    zoneNumbers(plan.zones),
		Sku: armcompute.SkuArgs{
			Name: pulumi.String(set.Fleet.InstanceType), Tier: pulumi.String("Standard"), Capacity: pulumi.Float64(plan.min),
		},
		Identity: armcompute.VirtualMachineScaleSetIdentityArgs{
			Type:                   armcompute.ResourceIdentityTypeUserAssigned,
			UserAssignedIdentities: pulumi.StringArray{p.identity.app.ID(), p.identity.admin.ID()},
		},
		UpgradePolicy:          upgradePolicy(),
		AutomaticRepairsPolicy: repairs(),
		ScaleInPolicy:          armcompute.ScaleInPolicyArgs{Rules: pulumi.ToStringArray([]string{"Default"})},
		VirtualMachineProfile:  template(set, img, p),
		Tags:                   s.named(plan.name),
	}
	// Best effort: a strict balance refuses to scale while a zone is down.
	if len(plan.zones) > 1 {
		args.ZoneBalance = pulumi.Bool(false)
	}
	declared, err := armcompute.NewVirtualMachineScaleSet(s.Context, plan.name, args, s.on,
		pulumi.IgnoreChanges([]string{"sku.capacity"}), pulumi.DependsOn(p.bootNeeds()))
	return group{VirtualMachineScaleSet: declared, groupPlan: plan}, err
}

// upgradePolicy makes a new instance before an old one goes, a third of the
// group at a time, and stops when more than that is unhealthy.
func upgradePolicy() armcompute.UpgradePolicyArgs {
	const third = 34
	return armcompute.UpgradePolicyArgs{
		Mode: armcompute.UpgradeModeRolling,
		RollingUpgradePolicy: armcompute.RollingUpgradePolicyArgs{
			MaxBatchInstancePercent:             pulumi.Int(third),
			MaxUnhealthyInstancePercent:         pulumi.Int(third),
			MaxUnhealthyUpgradedInstancePercent: pulumi.Int(third),
			PauseTimeBetweenBatches:             pulumi.String("PT0S"),
			PrioritizeUnhealthyInstances:        pulumi.Bool(true),
			MaxSurge:                            pulumi.Bool(true),
		},
	}
}

func repairs() armcompute.AutomaticRepairsPolicyArgs {
	return armcompute.AutomaticRepairsPolicyArgs{
		Enabled:      pulumi.Bool(true),
		GracePeriod:  minutes(repairGrace),
		RepairAction: pulumi.String("Replace"),
	}
}

// bootNeeds is what an instance uses from its first second on and no input
// of the group names.
func (p parts) bootNeeds() []pulumi.Resource {
	return slices.Concat(
		p.network.egress, p.security.rules, p.identity.grants,
		[]pulumi.Resource{p.release.blob, p.database.ready, p.balancer.balancer},
	)
}
