package scorecard

import (
	"fmt"

	"orchard/infra/internal/planned"
)

// azureZones is what must outlive a zone: the built-in policies of the
// category Resilience.
func azureZones() []Row {
	return []Row{
		{
			ID: "ZONE.1", Setting: "scale sets span 3 zones and have 3 instances at least (policy d3903bdf)",
			Check: every(armScaleSet, threeZones, atLeast("sku.capacity", 3)),
		},
		{ID: "ZONE.2", Setting: "the load balancer is not of the sku Basic (policy 42daa901)", Check: every(armBalancer, is("sku.name", "Standard", "Gateway"))},
		{ID: "ZONE.3", Setting: "public addresses span 3 zones (policy 682e4ab9)", Check: every(armAddress, threeZones)},
		{ID: "ZONE.4", Setting: "the database has a standby in another zone (policy 493c215d)", Check: every(armServer, is("highAvailability.mode", "ZoneRedundant"))},
		{
			ID: "ZONE.5", Setting: "storage has a copy in each zone (policy 85b005b2)",
			Check: every(armAccount, is("sku.name", "Standard_ZRS", "Standard_GZRS", "Standard_RAGZRS", "Premium_ZRS")),
		},
		{ID: "ZONE.6", Setting: "a NAT gateway names its one zone (policy 18314dc7)", Check: every(armNatGateway, oneZone)},
	}
}

func threeZones(_ planned.Stack, r item) string {
	if n := len(list(r, "zones")); n < 3 {
		return fmt.Sprintf("it is in %d zones, below 3", n)
	}
	return ""
}

func oneZone(_ planned.Stack, r item) string {
	if n := len(list(r, "zones")); n != 1 {
		return fmt.Sprintf("it names %d zones, not 1", n)
	}
	return ""
}
