package azurestack

import (
	"slices"

	armcompute "github.com/pulumi/pulumi-azure-native-sdk/compute/v2/v20241101"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/bootstrap"
	"orchard/infra/internal/servicestack"
	"orchard/infra/internal/settings"
)

// declareNodes is one scale set of a fixed size over all zones. No load
// balancer leads to it and nothing asks the nodes for their health: one that
// does not come up is seen by its missing results.
//
// A rolling upgrade goes by health, so a change of what the nodes are made
// from replaces the scale set as a whole. The old one goes first, or both
// would send load.
func declareNodes(s scope, set settings.Settings, img image, load servicestack.Load, p runnerParts) (group, error) {
	plan := groupPlan{"node", p.network.zones, set.Runner.Nodes, set.Runner.Nodes}
	declared, err := armcompute.NewVirtualMachineScaleSet(s.Context, plan.name, &armcompute.VirtualMachineScaleSetArgs{
		ResourceGroupName: s.group.Name,
		Location:          s.location,
		OrchestrationMode: pulumi.String("Flexible"),
		// Zones leave no choice of fault domains, nor of placement.
		PlatformFaultDomainCount: pulumi.Int(1),
		SinglePlacementGroup:     pulumi.Bool(false),
		Zones:                    zoneNumbers(plan.zones),
		ZoneBalance:              pulumi.Bool(false),
		Sku: armcompute.SkuArgs{
			Name: pulumi.String(set.Fleet.InstanceType), Tier: pulumi.String("Standard"), Capacity: pulumi.Float64(plan.min),
		},
		Identity: armcompute.VirtualMachineScaleSetIdentityArgs{
			Type:                   armcompute.ResourceIdentityTypeUserAssigned,
			UserAssignedIdentities: pulumi.StringArray{p.identity.node.ID()},
		},
		UpgradePolicy: armcompute.UpgradePolicyArgs{Mode: armcompute.UpgradeModeManual},
		ScaleInPolicy: armcompute.ScaleInPolicyArgs{Rules: pulumi.ToStringArray([]string{"Default"})},
		VirtualMachineProfile: armcompute.VirtualMachineScaleSetVMProfileArgs{
			// The image's own patches need ways out that a node has not; it is
			// replaced rather than patched.
			OsProfile:          system(nodeUserData(set, load, p), "ImageDefault"),
			StorageProfile:     disk(img),
			NetworkProfile:     networkInterface(face{name: "node", subnet: p.network.node, public: true}),
			SecurityProfile:    trusted(set),
			DiagnosticsProfile: bootDiagnostics(),
		},
		Tags: s.named(plan.name),
	}, s.on, pulumi.DependsOn(p.bootNeeds()),
		pulumi.ReplaceOnChanges([]string{"virtualMachineProfile"}), pulumi.DeleteBeforeReplace(true))
	return group{VirtualMachineScaleSet: declared, groupPlan: plan}, err
}

// nodeUserData is known once account, containers, identity and service are.
func nodeUserData(set settings.Settings, load servicestack.Load, p runnerParts) pulumi.StringOutput {
	return pulumi.All(p.store.account.Name, p.store.container.Name, p.store.tokens.Name, p.store.results.Name,
		p.identity.node.ClientID, load.Service.URL).ApplyT(func(values []any) (string, error) {
		text := func(i int) string { return values[i].(string) }
		plan, err := load.Plan.For(text(5))
		if err != nil {
			return "", err
		}
		script, err := bootstrap.AzureRunner{
			Runner: bootstrap.Runner{
				Digest: p.store.Digest, Token: set.WriteToken, TokenKey: p.store.tokenName,
				Plan: plan, Length: set.Runner.Length,
			},
			Account: text(0), Container: text(1), Key: p.store.Key(),
			TokenContainer: text(2), ResultsContainer: text(3), ResultsPrefix: p.store.resultsPrefix,
			NodeClient: text(4),
		}.Render()
		return encode(script), err
	}).(pulumi.StringOutput)
}

// bootNeeds is what a node uses from its first second on and no input of the
// scale set names.
func (p runnerParts) bootNeeds() []pulumi.Resource {
	return slices.Concat(p.security.rules, p.identity.grants, []pulumi.Resource{p.network.vnet, p.store.blob, p.store.token})
}
