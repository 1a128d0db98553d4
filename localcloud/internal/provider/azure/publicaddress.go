package azure

import "orchard/localcloud/internal/provider"

// publicAddress is what gives each instance of a scale set a public address of
// its own. It is a way out, which is all that localcloud makes of it: nothing
// here comes in from the internet but by a load balancer.
func publicAddress() provider.Property {
	return object(properties{
		"name":                   partName(),
		"deleteOption":           text().OneOf("Delete", "Detach").NoEffect(),
		"idleTimeoutInMinutes":   integer().Between(4, 30).NoEffect(),
		"publicIPAddressVersion": text().Or("IPv4").OneOf("IPv4", "IPv6").OnlyHere("IPv4", noIPv6),
		"sku": object(properties{
			"name": text().OneOf("Basic", "Standard").OnlyHere("Standard", "it has no Basic addresses"),
			"tier": text().OneOf("Regional", "Global").OnlyHere("Regional", "its addresses are in one location"),
		}),
	})
}

// hasPublicAddress says whether each instance of a fleet has a public address.
func (m networkMap) hasPublicAddress(f fleet) bool {
	set, ok := found(m.all, typeScaleSet, f.id)
	if !ok {
		return false
	}
	for _, face := range scaleSetInterfaces(outs(set)) {
		for _, ip := range face.Objects("ipConfigurations") {
			if ip.Has("publicIPAddressConfiguration") {
				return true
			}
		}
	}
	return false
}
