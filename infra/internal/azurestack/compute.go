package azurestack

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"time"

	armcompute "github.com/pulumi/pulumi-azure-native-sdk/compute/v2/v20241101"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/bootstrap"
	"orchard/infra/internal/settings"
)

// Grace is how long a booting instance is not judged; the shortest that a
// scale set's repairs may have is longer, and counts from each change.
const (
	healthCheckGrace    = 180 * time.Second
	healthCheckFailures = 3
	repairGrace         = "PT10M"
	terminateNotice     = "PT5M"
)

// group is one scale set and the zones that it spans.
type group struct {
	*armcompute.VirtualMachineScaleSet
	groupPlan
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
		if err := declarePolicies(s, declared, set.Fleet); err != nil {
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
	return group{declared, plan}, err
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
		GracePeriod:  pulumi.String(repairGrace),
		RepairAction: pulumi.String("Replace"),
	}
}

// template is what every instance of a group is made from.
func template(set settings.Settings, img image, p parts) armcompute.VirtualMachineScaleSetVMProfileArgs {
	return armcompute.VirtualMachineScaleSetVMProfileArgs{
		OsProfile:       system(set, p),
		StorageProfile:  disk(img),
		NetworkProfile:  networkInterface(p),
		SecurityProfile: trusted(set.Fleet.EncryptionAtHost),
		ExtensionProfile: armcompute.VirtualMachineScaleSetExtensionProfileArgs{
			Extensions: armcompute.VirtualMachineScaleSetExtensionTypeArray{healthExtension()},
		},
		ScheduledEventsProfile: armcompute.ScheduledEventsProfileArgs{
			TerminateNotificationProfile: armcompute.TerminateNotificationProfileArgs{
				Enable: pulumi.Bool(true), NotBeforeTimeout: pulumi.String(terminateNotice),
			},
		},
		DiagnosticsProfile: armcompute.DiagnosticsProfileArgs{
			BootDiagnostics: armcompute.BootDiagnosticsArgs{Enabled: pulumi.Bool(true)},
		},
	}
}

// system has no password, and a key because a machine must have one.
func system(set settings.Settings, p parts) armcompute.VirtualMachineScaleSetOSProfileArgs {
	const user = "orchard"
	return armcompute.VirtualMachineScaleSetOSProfileArgs{
		ComputerNamePrefix: pulumi.String("orchard"),
		AdminUsername:      pulumi.String(user),
		CustomData:         userData(set, p),
		LinuxConfiguration: armcompute.LinuxConfigurationArgs{
			DisablePasswordAuthentication: pulumi.Bool(true),
			ProvisionVMAgent:              pulumi.Bool(true),
			PatchSettings: armcompute.LinuxPatchSettingsArgs{
				PatchMode: pulumi.String("AutomaticByPlatform"), AssessmentMode: pulumi.String("AutomaticByPlatform"),
			},
			Ssh: armcompute.SshConfigurationArgs{PublicKeys: armcompute.SshPublicKeyTypeArray{armcompute.SshPublicKeyTypeArgs{
				Path: pulumi.String("/home/" + user + "/.ssh/authorized_keys"), KeyData: pulumi.String(nobodysKey()),
			}}},
		},
	}
}

// nobodysKey is an SSH key (RFC 8709) whose 32 bytes are a digest of its
// comment. Nobody has the private half, and no rule lets SSH in.
func nobodysKey() string {
	const kind, comment = "ssh-ed25519", "nobody"
	point := sha256.Sum256([]byte(comment))
	wire := slices.Concat([]byte{0, 0, 0, byte(len(kind))}, []byte(kind), []byte{0, 0, 0, byte(len(point))}, point[:])
	return kind + " " + base64.StdEncoding.EncodeToString(wire) + " " + comment
}

func disk(img image) armcompute.VirtualMachineScaleSetStorageProfileArgs {
	return armcompute.VirtualMachineScaleSetStorageProfileArgs{
		ImageReference: armcompute.ImageReferenceArgs{
			Publisher: pulumi.String(img.publisher), Offer: pulumi.String(img.offer),
			Sku: pulumi.String(img.sku), Version: pulumi.String(img.version),
		},
		OsDisk: armcompute.VirtualMachineScaleSetOSDiskArgs{
			CreateOption: pulumi.String("FromImage"),
			DeleteOption: pulumi.String("Delete"),
			Caching:      armcompute.CachingTypesReadOnly,
			ManagedDisk: armcompute.VirtualMachineScaleSetManagedDiskParametersArgs{
				StorageAccountType: pulumi.String("StandardSSD_LRS"),
			},
		},
	}
}

// networkInterface has no public address. Health is the extension's to say:
// a scale set takes one source alone.
func networkInterface(p parts) armcompute.VirtualMachineScaleSetNetworkProfileArgs {
	return armcompute.VirtualMachineScaleSetNetworkProfileArgs{
		NetworkApiVersion: pulumi.String("2020-11-01"),
		NetworkInterfaceConfigurations: armcompute.VirtualMachineScaleSetNetworkConfigurationArray{
			armcompute.VirtualMachineScaleSetNetworkConfigurationArgs{
				Name:         pulumi.String("app"),
				Primary:      pulumi.Bool(true),
				DeleteOption: pulumi.String("Delete"),
				IpConfigurations: armcompute.VirtualMachineScaleSetIPConfigurationArray{
					armcompute.VirtualMachineScaleSetIPConfigurationArgs{
						Name:    pulumi.String("app"),
						Primary: pulumi.Bool(true),
						Subnet:  armcompute.ApiEntityReferenceArgs{Id: p.network.app},
						LoadBalancerBackendAddressPools: armcompute.SubResourceArray{
							armcompute.SubResourceArgs{Id: p.balancer.pool},
						},
					},
				},
			},
		},
	}
}

// trusted boots only what is signed. Encryption at host is left out when it
// is not asked for: naming it fails until the subscription has the feature.
func trusted(encryptionAtHost bool) armcompute.SecurityProfileArgs {
	profile := armcompute.SecurityProfileArgs{
		SecurityType: pulumi.String("TrustedLaunch"),
		UefiSettings: armcompute.UefiSettingsArgs{SecureBootEnabled: pulumi.Bool(true), VTpmEnabled: pulumi.Bool(true)},
	}
	if encryptionAtHost {
		profile.EncryptionAtHost = pulumi.Bool(true)
	}
	return profile
}

// healthExtension asks the service from inside the machine. Version 2 wants
// the state in the answer, and gives a booting instance its grace.
func healthExtension() armcompute.VirtualMachineScaleSetExtensionTypeArgs {
	return armcompute.VirtualMachineScaleSetExtensionTypeArgs{
		Name:                    pulumi.String("health"),
		Publisher:               pulumi.String("Microsoft.ManagedServices"),
		Type:                    pulumi.String("ApplicationHealthLinux"),
		TypeHandlerVersion:      pulumi.String("2.0"),
		AutoUpgradeMinorVersion: pulumi.Bool(true),
		EnableAutomaticUpgrade:  pulumi.Bool(true),
		Settings: pulumi.Map{
			"protocol":          pulumi.String("http"),
			"port":              pulumi.Int(bootstrap.Port),
			"requestPath":       pulumi.String("/livez"),
			"intervalInSeconds": seconds(checkInterval),
			"numberOfProbes":    pulumi.Int(healthCheckFailures),
			"gracePeriod":       seconds(healthCheckGrace),
		},
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

func encode(script string) string { return base64.StdEncoding.EncodeToString([]byte(script)) }
