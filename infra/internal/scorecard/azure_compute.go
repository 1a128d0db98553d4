package scorecard

import (
	"orchard/infra/internal/planned"
)

const vmProfile = "virtualMachineProfile."

// azureCompute is the scale sets.
func azureCompute() []Row {
	return []Row{
		{
			ID: "VMSS.1", Setting: "disks and caches are encrypted at the host (policy fc4d8e41)",
			Check: every(armScaleSet, is(vmProfile+"securityProfile.encryptionAtHost", true)),
		},
		{
			ID: "VMSS.2", Setting: "nobody signs in with a password (policy 630c64f9)",
			Check: every(armScaleSet, is(vmProfile+"osProfile.linuxConfiguration.disablePasswordAuthentication", true)),
		},
		{
			ID: "VMSS.3", Setting: "trusted launch with secure boot and a virtual TPM (policy 1c30f9cd)",
			Check: every(armScaleSet,
				is(vmProfile+"securityProfile.securityType", "TrustedLaunch"),
				is(vmProfile+"securityProfile.uefiSettings.secureBootEnabled", true),
				is(vmProfile+"securityProfile.uefiSettings.vTpmEnabled", true)),
		},
		{
			ID: "VMSS.4", Setting: "the platform looks for patches and installs them (policy f85bf3e0)",
			Check: every(armScaleSet,
				is(vmProfile+"osProfile.linuxConfiguration.patchSettings.patchMode", "AutomaticByPlatform"),
				is(vmProfile+"osProfile.linuxConfiguration.patchSettings.assessmentMode", "AutomaticByPlatform")),
		},
		{
			ID: "VMSS.5", Setting: "no instance has a public address (policy 83a86a26)",
			Check: every(armScaleSet, eachFace(noPublicAddress)),
		},
		{
			ID: "VMSS.6", Setting: "no instance forwards packets (policy bd352bd5)",
			Check: every(armScaleSet, eachFace(noForwarding)),
		},
		{
			ID: "VMSS.7", Setting: "managed disks are closed to public networks (policy 8405fdab)",
			Check: beyond("A scale set makes its disks itself, and its profile has no such property; none is declared."),
		},
	}
}

// eachFace asks something of every network interface of a scale set.
func eachFace(wrong func(face map[string]any) string) judge {
	return func(_ planned.Stack, r item) string {
		faces := list(r, vmProfile+"networkProfile.networkInterfaceConfigurations")
		for _, face := range faces {
			if problem := wrong(object(face)); problem != "" {
				return problem
			}
		}
		if len(faces) == 0 {
			return "it has no network interface"
		}
		return ""
	}
}

func noPublicAddress(face map[string]any) string {
	addresses, _ := face["ipConfigurations"].([]any)
	for _, address := range addresses {
		if object(address)["publicIPAddressConfiguration"] != nil {
			return "publicIPAddressConfiguration is set"
		}
	}
	return ""
}

func noForwarding(face map[string]any) string {
	if forwards, _ := face["enableIPForwarding"].(bool); forwards {
		return "enableIPForwarding is true"
	}
	return ""
}

// object is a value that is one; anything else is an empty one.
func object(value any) map[string]any {
	o, _ := value.(map[string]any)
	return o
}
