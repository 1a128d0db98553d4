package azurestack

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"

	armcompute "github.com/pulumi/pulumi-azure-native-sdk/compute/v2/v20241101"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/bootstrap"
	"orchard/infra/internal/settings"
)

// template is what every instance of a group is made from.
func template(set settings.Settings, img image, p parts) armcompute.VirtualMachineScaleSetVMProfileArgs {
	return armcompute.VirtualMachineScaleSetVMProfileArgs{
		OsProfile:       system(userData(set, p), "AutomaticByPlatform"),
		StorageProfile:  disk(img),
		NetworkProfile:  networkInterface(face{name: "app", subnet: p.network.app, pool: p.balancer.pool}),
		SecurityProfile: trusted(set),
		ExtensionProfile: armcompute.VirtualMachineScaleSetExtensionProfileArgs{
			Extensions: armcompute.VirtualMachineScaleSetExtensionTypeArray{healthExtension(set.Listener)},
		},
		ScheduledEventsProfile: armcompute.ScheduledEventsProfileArgs{
			TerminateNotificationProfile: armcompute.TerminateNotificationProfileArgs{
				Enable: pulumi.Bool(true), NotBeforeTimeout: minutes(terminateNotice),
			},
		},
		DiagnosticsProfile: bootDiagnostics(),
	}
}

func bootDiagnostics() armcompute.DiagnosticsProfileArgs {
	return armcompute.DiagnosticsProfileArgs{BootDiagnostics: armcompute.BootDiagnosticsArgs{Enabled: pulumi.Bool(true)}}
}

// system has no password, and a key because a machine must have one. Patches
// are who installs and assesses them.
func system(customData pulumi.StringOutput, patches string) armcompute.VirtualMachineScaleSetOSProfileArgs {
	const user = "orchard"
	return armcompute.VirtualMachineScaleSetOSProfileArgs{
		ComputerNamePrefix: pulumi.String("orchard"),
		AdminUsername:      pulumi.String(user),
		CustomData:         customData,
		LinuxConfiguration: armcompute.LinuxConfigurationArgs{
			DisablePasswordAuthentication: pulumi.Bool(true),
			ProvisionVMAgent:              pulumi.Bool(true),
			PatchSettings: armcompute.LinuxPatchSettingsArgs{
				PatchMode: pulumi.String(patches), AssessmentMode: pulumi.String(patches),
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

// face is an instance's one network interface.
type face struct {
	name   string
	subnet pulumi.StringOutput
	// pool is the zero value for an instance that no balancer leads to.
	pool pulumi.StringOutput
	// public gives each instance a public address.
	public bool
}

func (f face) address() armcompute.VirtualMachineScaleSetIPConfigurationArgs {
	args := armcompute.VirtualMachineScaleSetIPConfigurationArgs{
		Name:    pulumi.String(f.name),
		Primary: pulumi.Bool(true),
		Subnet:  armcompute.ApiEntityReferenceArgs{Id: f.subnet},
	}
	if f.pool.OutputState != nil {
		args.LoadBalancerBackendAddressPools = armcompute.SubResourceArray{armcompute.SubResourceArgs{Id: f.pool}}
	}
	if f.public {
		args.PublicIPAddressConfiguration = armcompute.VirtualMachineScaleSetPublicIPAddressConfigurationArgs{
			Name: pulumi.String(f.name), DeleteOption: pulumi.String("Delete"),
			Sku: armcompute.PublicIPAddressSkuArgs{Name: pulumi.String("Standard"), Tier: pulumi.String("Regional")},
		}
	}
	return args
}

// networkInterface names no probe. Health is the extension's to say: a scale
// set takes one source alone.
func networkInterface(f face) armcompute.VirtualMachineScaleSetNetworkProfileArgs {
	return armcompute.VirtualMachineScaleSetNetworkProfileArgs{
		NetworkApiVersion: pulumi.String("2020-11-01"),
		NetworkInterfaceConfigurations: armcompute.VirtualMachineScaleSetNetworkConfigurationArray{
			armcompute.VirtualMachineScaleSetNetworkConfigurationArgs{
				Name:             pulumi.String(f.name),
				Primary:          pulumi.Bool(true),
				DeleteOption:     pulumi.String("Delete"),
				IpConfigurations: armcompute.VirtualMachineScaleSetIPConfigurationArray{f.address()},
			},
		},
	}
}

// trusted boots only what is signed, where the processor allows it: Azure has
// no Trusted Launch for Arm sizes of the fifth version (Source: Trusted launch
// for Azure virtual machines). Encryption at host is left out when it is not
// asked for: naming it fails until the subscription has the feature.
func trusted(set settings.Settings) armcompute.SecurityProfilePtrInput {
	if set.Architecture != settings.X8664 && !set.Fleet.EncryptionAtHost {
		return nil
	}
	var profile armcompute.SecurityProfileArgs
	if set.Architecture == settings.X8664 {
		profile.SecurityType = pulumi.String("TrustedLaunch")
		profile.UefiSettings = armcompute.UefiSettingsArgs{SecureBootEnabled: pulumi.Bool(true), VTpmEnabled: pulumi.Bool(true)}
	}
	if set.Fleet.EncryptionAtHost {
		profile.EncryptionAtHost = pulumi.Bool(true)
	}
	return profile
}

// healthExtension asks the service from inside the machine. Version 2 wants
// the state in the answer, and gives a booting instance its grace.
func healthExtension(set settings.Listener) armcompute.VirtualMachineScaleSetExtensionTypeArgs {
	return armcompute.VirtualMachineScaleSetExtensionTypeArgs{
		Name:                    pulumi.String("health"),
		Publisher:               pulumi.String("Microsoft.ManagedServices"),
		Type:                    pulumi.String("ApplicationHealthLinux"),
		TypeHandlerVersion:      pulumi.String("2.0"),
		AutoUpgradeMinorVersion: pulumi.Bool(true),
		EnableAutomaticUpgrade:  pulumi.Bool(true),
		Settings: pulumi.Map{
			"protocol":          pulumi.String(scheme(set)),
			"port":              pulumi.Int(bootstrap.Port),
			"requestPath":       pulumi.String("/livez"),
			"intervalInSeconds": seconds(checkInterval),
			"numberOfProbes":    pulumi.Int(healthCheckFailures),
			"gracePeriod":       seconds(healthCheckGrace),
		},
	}
}

func encode(script string) string { return base64.StdEncoding.EncodeToString([]byte(script)) }
