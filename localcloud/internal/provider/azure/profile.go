package azure

import "orchard/localcloud/internal/provider"

// machineProfile is what an instance is started from. A property that has no
// effect here is about disks and chips, which localcloud's instances share
// with the machine.
func machineProfile() provider.Property {
	return object(properties{
		"osProfile":        osProfile().Needed(),
		"storageProfile":   storageProfile().Needed(),
		"networkProfile":   networkProfile().Needed(),
		"extensionProfile": object(properties{"extensions": list(extension()), "extensionsTimeBudget": duration().NoEffect()}),
		"securityProfile": object(properties{
			"encryptionAtHost": flag(),
			"securityType":     text().OneOf("TrustedLaunch", "ConfidentialVM", "Standard"),
			"uefiSettings":     object(properties{"secureBootEnabled": flag(), "vTpmEnabled": flag()}),
		}).NoEffect(),
		"scheduledEventsProfile": object(properties{
			"terminateNotificationProfile": object(properties{"enable": flag().Or(false), "notBeforeTimeout": duration().Or("PT5M")}),
		}),
		"diagnosticsProfile": object(properties{"bootDiagnostics": object(properties{"enabled": flag(), "storageUri": text()})}).NoEffect(),
		"priority":           text().Or("Regular").OneOf("Regular", "Low", "Spot").OnlyHere("Regular", "it takes no instance back"),
	})
}

func osProfile() provider.Property {
	return object(properties{
		"computerNamePrefix":       text().Needed().Length(1, 58).Like(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?-?$`, "letters, digits and hyphens, a letter or digit first"),
		"adminUsername":            text().Needed().Length(1, 64).Like(`^[A-Za-z_][A-Za-z0-9_-]*$`, "letters, digits and _ -, a letter or _ first").NoEffect(),
		"adminPassword":            text().NoEffect(),
		"customData":               text(),
		"allowExtensionOperations": flag().NoEffect(),
		"linuxConfiguration": object(properties{
			"disablePasswordAuthentication": flag().Or(false),
			"provisionVMAgent":              flag(),
			"enableVMAgentPlatformUpdates":  flag(),
			"patchSettings": object(properties{
				"patchMode":      text().OneOf("ImageDefault", "AutomaticByPlatform"),
				"assessmentMode": text().OneOf("ImageDefault", "AutomaticByPlatform"),
				"automaticByPlatformSettings": object(properties{
					"rebootSetting": text().OneOf("Unknown", "IfRequired", "Never", "Always"), "bypassPlatformSafetyChecksOnUserSchedule": flag(),
				}),
			}),
			"ssh": object(properties{"publicKeys": list(object(properties{"path": text(), "keyData": text()})).Length(1, 0)}),
		}).Needed().NoEffect(),
	})
}

func storageProfile() provider.Property {
	return object(properties{
		"imageReference": object(properties{
			"publisher": text().Needed(), "offer": text().Needed(), "sku": text().Needed(), "version": text().Needed(),
		}).Needed(),
		"osDisk": object(properties{
			"createOption":     text().Needed().OneOf("FromImage").OnlyHere("FromImage", "an instance starts from its image"),
			"caching":          text().OneOf("None", "ReadOnly", "ReadWrite"),
			"deleteOption":     text().OneOf("Delete", "Detach"),
			"diffDiskSettings": object(properties{"option": text().OneOf("Local"), "placement": text().OneOf("CacheDisk", "ResourceDisk", "NvmeDisk")}),
			"diskSizeGB":       integer().Between(1, 4095),
			"managedDisk":      object(properties{"storageAccountType": text().OneOf("Standard_LRS", "StandardSSD_LRS", "StandardSSD_ZRS", "Premium_LRS", "Premium_ZRS")}),
			"osType":           text().OneOf("Linux", "Windows").OnlyHere("Linux", "it is Linux"),
		}).Needed().NoEffect(),
		"diskControllerType": text().OneOf("SCSI", "NVMe").NoEffect(),
	})
}

func networkProfile() provider.Property {
	return object(properties{
		"networkApiVersion": text().Needed().OneOf("2020-11-01", "2022-11-01").NoEffect(),
		"networkInterfaceConfigurations": list(object(properties{
			"name":                        partName(),
			"primary":                     flag(),
			"deleteOption":                text().OneOf("Delete", "Detach").NoEffect(),
			"enableAcceleratedNetworking": flag().NoEffect(),
			"enableIPForwarding":          flag().OnlyHere(false, "an instance is no router"),
			"networkSecurityGroup":        reference(),
			"ipConfigurations": list(object(properties{
				"name":                            partName(),
				"primary":                         flag(),
				"privateIPAddressVersion":         text().Or("IPv4").OneOf("IPv4", "IPv6").OnlyHere("IPv4", noIPv6),
				"subnet":                          reference().Needed(),
				"loadBalancerBackendAddressPools": list(reference()),
				"publicIPAddressConfiguration":    publicAddress(),
			})).Needed().Length(1, 1),
		})).Needed().Length(1, 1),
	})
}

// The extensions that localcloud knows. One asks the instance for its health;
// the others have nothing to do here.
const healthExtension = "ApplicationHealthLinux"

func extension() provider.Property {
	return object(properties{
		"name":                    partName(),
		"publisher":               text().Needed(),
		"type":                    text().Needed().OneOf(healthExtension, "AzureMonitorLinuxAgent", "AADSSHLoginForLinux"),
		"typeHandlerVersion":      text().Needed().Like(`^\d+\.\d+$`, "a version such as 2.0"),
		"autoUpgradeMinorVersion": flag().NoEffect(),
		"enableAutomaticUpgrade":  flag().NoEffect(),
		"settings": object(properties{
			"protocol":          text().OneOf("http", "https", "tcp"),
			"port":              integer().Between(1, 65535),
			"requestPath":       text(),
			"intervalInSeconds": integer().Or(5.0).Between(5, 60),
			"numberOfProbes":    integer().Or(1.0).Between(1, 24),
			"gracePeriod":       integer().Between(5, 14400),
		}),
	})
}
