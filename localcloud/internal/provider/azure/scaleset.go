package azure

import (
	"orchard/localcloud/internal/provider"
)

const kindScaleSet = "Microsoft.Compute/virtualMachineScaleSets"

func scaleSetTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeScaleSet: {
			Properties: scaleSetProperties(),
			Name:       autoName("vmScaleSetName", 64),
			Computed:   outputs("etag", "identity", "location", "provisioningState", "timeCreated", "uniqueId", "singlePlacementGroup"),
			Check:      checkScaleSet, Runs: runsScaleSet, Compute: computeScaleSet,
		},
	}
}

func scaleSetProperties() properties {
	return at(properties{
		"vmScaleSetName":           name(1, 64, `^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$`, "letters, digits and _ . -, no period or hyphen last"),
		"orchestrationMode":        text().Needed().OneOf("Uniform", "Flexible").OnlyHere("Flexible", "its instances are ordinary machines"),
		"platformFaultDomainCount": integer().Needed().Between(1, 5),
		"singlePlacementGroup":     flag().OnlyHere(false, "a Flexible scale set over zones has none"),
		"overprovision":            flag().OnlyHere(false, "a Flexible scale set does not overprovision"),
		"zones":                    list(text().OneOf("1", "2", "3")).Needed().Length(1, 3),
		"zoneBalance":              flag().Or(false),
		"sku": object(properties{
			"name":     text().Needed().Like(`^Standard_[A-Z]+\d+(-\d+)?[a-z]*(_v\d+)?$`, "a size such as Standard_D2s_v5"),
			"capacity": integer().Needed().Between(0, 1000),
			"tier":     text().OneOf("Standard").NoEffect(),
		}).Needed(),
		"identity": object(properties{
			"type":                   text().Needed().OneOf("None", "UserAssigned", "SystemAssigned", "SystemAssigned, UserAssigned").OnlyHere("UserAssigned", "instances of a Flexible scale set have user-assigned identities alone"),
			"userAssignedIdentities": provider.Set(id()).Needed().Length(1, 0),
		}).Makes("userAssignedIdentities"),
		"automaticRepairsPolicy": object(properties{
			"enabled":      flag().Or(false),
			"gracePeriod":  duration().Or("PT10M"),
			"repairAction": text().Or("Replace").OneOf("Replace", "Restart", "Reimage").OnlyHere("Replace", "an instance is what its first start makes it"),
		}),
		"resiliencyPolicy": resiliency(),
		"scaleInPolicy": object(properties{
			"rules":                  list(text().OneOf("Default", "OldestVM", "NewestVM").OnlyHere("Default", "it keeps zones balanced and removes the oldest")),
			"forceDeletion":          flag().NoEffect(),
			"prioritizeUnhealthyVMs": flag().NoEffect(),
		}),
		"upgradePolicy":         upgradePolicy(),
		"virtualMachineProfile": machineProfile().Needed(),
	})
}

func resiliency() provider.Property {
	enabled := func() provider.Property { return object(properties{"enabled": flag().Or(false)}) }
	return object(properties{
		"automaticZoneRebalancingPolicy": object(properties{
			"enabled":           flag().Or(false),
			"rebalanceBehavior": text().OneOf("CreateBeforeDelete"),
			"rebalanceStrategy": text().OneOf("Recreate"),
		}),
		"resilientVMCreationPolicy": enabled().NoEffect(),
		"resilientVMDeletionPolicy": enabled().NoEffect(),
	})
}
