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
		OsProfile:       system(set, p),
		StorageProfile:  disk(img),
		NetworkProfile:  networkInterface(p),
		SecurityProfile: trusted(set.Fleet.EncryptionAtHost),
		ExtensionProfile: armcompute.VirtualMachineScaleSetExtensionProfileArgs{
			Extensions: armcompute.VirtualMachineScaleSetExtensionTypeArray{healthExtension()},
		},
		ScheduledEventsProfile: armcompute.ScheduledEventsProfileArgs{
			TerminateNotificationProfile: armcompute.TerminateNotificationProfileArgs{
				Enable: pulumi.Bool(true), NotBeforeTimeout: minutes(terminateNotice),
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

func encode(script string) string { return base64.StdEncoding.EncodeToString([]byte(script)) }
