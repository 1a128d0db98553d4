package azure

import (
	"fmt"
	"net/netip"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

const (
	kindNetwork       = "Microsoft.Network/virtualNetworks"
	kindPublicAddress = "Microsoft.Network/publicIPAddresses"
	kindNatGateway    = "Microsoft.Network/natGateways"

	likeCIDR   = `^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$`
	sayingCIDR = "an IPv4 range such as 10.0.0.0/16"
	noIPv6     = "its networks are IPv4"

	delegatedToPostgres = "Microsoft.DBforPostgreSQL/flexibleServers"
	endpointStorage     = "Microsoft.Storage"
	endpointVault       = "Microsoft.KeyVault"
)

func networkTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeFlowLog: flowLogType(),
		typeVirtualNetwork: {
			Properties: virtualNetworkProperties(),
			Name:       autoName("virtualNetworkName", 64),
			Computed:   networkOutputs("flowLogs", "subnets", "virtualNetworkPeerings"),
			Moves:      networkMoves(virtualNetworkProperties()),
			Check:      checkVirtualNetwork, Compute: computeVirtualNetwork, Leave: leaveUsed(networkUsers),
		},
		typePublicAddress: {
			Properties: publicAddressProperties(),
			Name:       autoName("publicIpAddressName", 80),
			Computed:   networkOutputs("ipAddress", "ipConfiguration", "ipTags"),
			Moves:      networkMoves(publicAddressProperties()),
			Check:      checkPublicAddress, Compute: computePublicAddress, Leave: leaveUsed(addressUsers),
		},
		typeNatGateway: {
			Properties: natGatewayProperties(),
			Name:       autoName("natGatewayName", 80),
			Computed:   networkOutputs("subnets"),
			Moves:      networkMoves(natGatewayProperties()),
			Compute:    computeNatGateway, Leave: leaveUsed(natUsers),
		},
	}
}

func virtualNetworkProperties() properties {
	return at(properties{
		"virtualNetworkName":          networkName(2, 64),
		"addressSpace":                object(properties{"addressPrefixes": list(text().Like(likeCIDR, sayingCIDR)).Needed().Length(1, 0)}).Needed(),
		"subnets":                     list(subnet()),
		"enableDdosProtection":        flag().Or(false).NoEffect(),
		"enableVmProtection":          flag().Or(false).NoEffect(),
		"encryption":                  object(properties{"enabled": flag().Needed(), "enforcement": text().OneOf("DropUnencrypted", "AllowUnencrypted")}).NoEffect(),
		"flowTimeoutInMinutes":        integer().Between(4, 30).NoEffect(),
		"privateEndpointVNetPolicies": text().OneOf("Disabled", "Basic").NoEffect(),
	})
}

func subnet() provider.Property {
	return object(properties{
		"name":                  partName(),
		"addressPrefix":         text().Like(likeCIDR, sayingCIDR).Not("addressPrefixes"),
		"addressPrefixes":       list(text().Like(likeCIDR, sayingCIDR)).Length(1, 1),
		"networkSecurityGroup":  reference(),
		"natGateway":            reference(),
		"defaultOutboundAccess": flag().Or(true),
		"delegations": list(object(properties{
			"name":        partName(),
			"serviceName": text().Needed().OneOf(delegatedToPostgres).OnlyHere(delegatedToPostgres, "its only service in a network is PostgreSQL"),
		})).Length(0, 1),
		"serviceEndpoints": list(object(properties{
			"service":   text().Needed().Like(`^Microsoft\.[A-Za-z.]+$`, "a service such as Microsoft.Storage"),
			"locations": texts().NoEffect(),
		})),
		"privateEndpointNetworkPolicies":    text().OneOf("Enabled", "Disabled", "NetworkSecurityGroupEnabled", "RouteTableEnabled").NoEffect(),
		"privateLinkServiceNetworkPolicies": text().OneOf("Enabled", "Disabled").NoEffect(),
	}).Makes("id", "etag", "provisioningState")
}

func publicAddressProperties() properties {
	return at(properties{
		"publicIpAddressName":      networkName(1, 80),
		"sku":                      object(properties{"name": text().Or("Basic").OneOf("Basic", "Standard"), "tier": text().Or("Regional").OneOf("Regional", "Global").OnlyHere("Regional", "its addresses are in one location")}).Or(map[string]any{}),
		"publicIPAllocationMethod": text().Or("Dynamic").OneOf("Static", "Dynamic"),
		"publicIPAddressVersion":   text().Or("IPv4").OneOf("IPv4", "IPv6").OnlyHere("IPv4", noIPv6),
		"zones":                    list(text().OneOf("1", "2", "3")).Length(0, 3),
		"idleTimeoutInMinutes":     integer().Or(4.0).Between(4, 30).NoEffect(),
		"deleteOption":             text().OneOf("Delete", "Detach").NoEffect(),
		"ddosSettings":             object(properties{"protectionMode": text().OneOf("VirtualNetworkInherited", "Enabled", "Disabled")}).NoEffect(),
	})
}

func natGatewayProperties() properties {
	return at(properties{
		"natGatewayName":       networkName(1, 80),
		"sku":                  object(properties{"name": text().Needed().OneOf("Standard")}).Needed(),
		"zones":                list(text().OneOf("1", "2", "3")).Length(0, 1),
		"publicIpAddresses":    list(reference()).Length(0, 16),
		"idleTimeoutInMinutes": integer().Or(4.0).Between(4, 120).NoEffect(),
	})
}

// subnetRange is a subnet's range, which may be written in two ways.
func subnetRange(subnet provider.Inputs) string {
	if subnet.Has("addressPrefixes") {
		return subnet.Texts("addressPrefixes")[0]
	}
	return subnet.Text("addressPrefix")
}

func checkVirtualNetwork(in provider.Inputs) failures {
	seen := map[string]bool{}
	for i, s := range in.Objects("subnets") {
		at := fmt.Sprintf("subnets[%d]", i)
		switch {
		case !s.Has("addressPrefix") && !s.Has("addressPrefixes"):
			return refuse(at+".addressPrefix", "is required and missing")
		case s.Known("name") && seen[s.Text("name")]:
			return refuse(at+".name", "%q is there twice", s.Text("name"))
		}
		seen[s.Text("name")] = true
		if reason := badRange(in, i); reason != "" {
			return refuse(at+".addressPrefix", "%s", reason)
		}
	}
	return nil
}

// badRange says whether a subnet's range lies in its network and meets none
// of the subnets before it.
func badRange(in provider.Inputs, n int) string {
	subnets := in.Objects("subnets")
	own := subnetRange(subnets[n])
	p, err := netip.ParsePrefix(own)
	if own == "" {
		return ""
	}
	if err != nil || p.Masked() != p || p.Bits() > 29 {
		return fmt.Sprintf("is %q, must be a network range of at most /29", own)
	}
	inside := false
	for _, space := range in.Object("addressSpace").Texts("addressPrefixes") {
		inside = inside || covers(space, own)
	}
	if !inside {
		return fmt.Sprintf("is %q, which is not within the network's addressSpace (NetcfgSubnetRangeOutsideVnet)", own)
	}
	for _, other := range subnets[:n] {
		if o, err := netip.ParsePrefix(subnetRange(other)); err == nil && o.Overlaps(p) {
			return fmt.Sprintf("is %q, which overlaps with subnet %s (NetcfgSubnetRangesOverlap)", own, other.Text("name"))
		}
	}
	return ""
}

// covers says whether one IPv4 range lies within another.
func covers(outer, inner string) bool {
	o, err1 := netip.ParsePrefix(outer)
	i, err2 := netip.ParsePrefix(inner)
	return err1 == nil && err2 == nil && o.Bits() <= i.Bits() && o.Contains(i.Addr())
}

func computeVirtualNetwork(req request) (result, error) {
	in := req.Inputs
	networkName := in.Text("virtualNetworkName")
	id, err := inGroup(req, kindNetwork, networkName)
	if err != nil {
		return result{}, err
	}
	for _, s := range in.Objects("subnets") {
		for property, typ := range map[string]string{"networkSecurityGroup": typeSecurityGroup, "natGateway": typeNatGateway} {
			if ref := s.Object(property).Text("id"); ref != "" {
				if _, err := need(req, typ, ref); err != nil {
					return result{}, err
				}
			}
		}
	}
	return network(req, id, kindNetwork, networkName, map[string]any{
		"subnets":  parts(id, "subnets", in.Objects("subnets"), nil),
		"flowLogs": []any{}, "virtualNetworkPeerings": []any{},
	})
}

func checkPublicAddress(in provider.Inputs) failures {
	standard := in.Object("sku").Text("name") == "Standard"
	switch {
	case !in.Known("publicIPAllocationMethod") || !in.Known("sku"):
		return nil
	case standard && in.Text("publicIPAllocationMethod") != "Static":
		return refuse("publicIPAllocationMethod", "is %q, must be \"Static\" with the sku Standard", in.Text("publicIPAllocationMethod"))
	case !standard && in.Has("zones"):
		return refuse("zones", "may not be given with the sku Basic")
	}
	return nil
}

// computePublicAddress gives the address at which a balancer can listen. What
// uses it decides later whether one does.
func computePublicAddress(req request) (result, error) {
	addressName := req.Inputs.Text("publicIpAddressName")
	if err := unchanged(req, "ResourceAvailabilityZonesCannotBeModified", "zones"); err != nil {
		return result{}, err
	}
	if err := unchanged(req, "PublicIPAddressSkuCannotBeChanged", "sku"); err != nil {
		return result{}, err
	}
	id, err := inGroup(req, kindPublicAddress, addressName)
	if err != nil {
		return result{}, err
	}
	address, err := req.World.Host(world.HostBalancer, id)
	if err != nil {
		return result{}, err
	}
	return network(req, id, kindPublicAddress, addressName, map[string]any{
		"ipAddress": address, "ipConfiguration": map[string]any{}, "ipTags": []any{},
	})
}

func computeNatGateway(req request) (result, error) {
	in := req.Inputs
	gatewayName := in.Text("natGatewayName")
	if err := unchanged(req, "ResourceAvailabilityZonesCannotBeModified", "zones"); err != nil {
		return result{}, err
	}
	id, err := inGroup(req, kindNatGateway, gatewayName)
	if err != nil {
		return result{}, err
	}
	for _, ref := range in.Objects("publicIpAddresses") {
		address, err := need(req, typePublicAddress, ref.Text("id"))
		if err != nil {
			return result{}, err
		}
		if outs(address).Object("sku").Text("name") != "Standard" {
			return result{}, fmt.Errorf("NatGatewayAndPublicIpSkuMismatch: The public IP address %s of NAT gateway %s must have the sku Standard", address.ID, gatewayName)
		}
		if user := usedAddress(req, address.ID); user != "" {
			return result{}, fmt.Errorf("PublicIPAddressInUse: Resource %s is referencing public IP address %s that is already allocated to resource %s", gatewayName, address.ID, user)
		}
	}
	return network(req, id, kindNatGateway, gatewayName, map[string]any{"subnets": []any{}})
}
