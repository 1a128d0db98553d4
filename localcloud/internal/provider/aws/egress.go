package aws

import (
	"fmt"
	"slices"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

const (
	anywhere  = "0.0.0.0/0"
	portHTTPS = 443
)

// noInternet says why a fleet cannot reach what is outside its network over
// HTTPS: a rule, or a route in any of its subnets.
func (m networkMap) noInternet(f fleet) string {
	if !m.allowedOut(f.groups, anywhere, "") {
		return fmt.Sprintf("scaling group %s cannot reach the internet: %s no egress rule for port %d to %s", f.name, m.have(f.groups), portHTTPS, anywhere)
	}
	for _, subnet := range f.subnets {
		if reason := m.noWayOut(f, subnet); reason != "" {
			return fmt.Sprintf("scaling group %s cannot reach the internet: %s", f.name, reason)
		}
	}
	return ""
}

// noObjects says why a fleet cannot reach the object store: by a gateway
// endpoint where a subnet's table has one, else by the internet.
func (m networkMap) noObjects(f fleet) string {
	for _, subnet := range f.subnets {
		endpoint, ok := m.endpoint(subnet)
		if !ok {
			if reason := m.noWayOut(f, subnet); reason != "" {
				return fmt.Sprintf("scaling group %s cannot reach S3: %s, and no gateway endpoint", f.name, reason)
			}
		}
		if !m.allowedOut(f.groups, anywhere, outs(endpoint).Text("prefixListId")) {
			return fmt.Sprintf("scaling group %s cannot reach S3: %s no egress rule for port %d to %s", f.name, m.have(f.groups), portHTTPS, anywhere)
		}
	}
	return ""
}

// endpoint is the object store's gateway endpoint on a subnet's table.
func (m networkMap) endpoint(subnet world.Resource) (world.Resource, bool) {
	table, ok := m.tables[subnet.ID]
	if !ok {
		return world.Resource{}, false
	}
	for _, endpoint := range each(m.all, typeVpcEndpoint) {
		if slices.Contains(outs(endpoint).Texts("routeTableIds"), table.ID) {
			return endpoint, true
		}
	}
	return world.Resource{}, false
}

// allowedOut says whether a group has an egress rule for HTTPS to a range or
// a prefix list.
func (m networkMap) allowedOut(groups []string, cidr, prefixList string) bool {
	for _, r := range each(m.all, typeEgressRule) {
		rule := outs(r)
		if !slices.Contains(groups, rule.Text("securityGroupId")) || !coversPort(rule, portHTTPS) {
			continue
		}
		if covers(rule.Text("cidrIpv4"), cidr) || (prefixList != "" && rule.Text("prefixListId") == prefixList) {
			return true
		}
	}
	return m.openDefault(typeEgressRule, groups, end{})
}

// noWayOut says why a subnet's instances have no route to the internet.
func (m networkMap) noWayOut(f fleet, subnet world.Resource) string {
	route, reason := m.defaultRoute(subnet)
	if reason != "" {
		return reason
	}
	if nat := route.Text("natGatewayId"); nat != "" {
		return m.noNat(subnet, nat)
	}
	if reason := m.noGateway(subnet, route.Text("gatewayId")); reason != "" {
		return reason
	}
	public := outs(subnet).Flag("mapPublicIpOnLaunch")
	if f.public != nil {
		public = *f.public
	}
	if !public {
		return fmt.Sprintf("subnet %s leads to an internet gateway and its instances have no public address; they need a NAT gateway", label(subnet))
	}
	return ""
}

// defaultRoute is the route to anywhere of a subnet's table.
func (m networkMap) defaultRoute(subnet world.Resource) (provider.Inputs, string) {
	table, ok := m.tables[subnet.ID]
	if !ok {
		return nil, fmt.Sprintf("subnet %s has no route table of its own, and the network's main one has no route out", label(subnet))
	}
	for _, r := range each(m.all, typeRoute) {
		route := outs(r)
		if route.Text("routeTableId") == table.ID && route.Text("destinationCidrBlock") == anywhere {
			return route, ""
		}
	}
	return nil, fmt.Sprintf("route table %s of subnet %s has no route to %s", label(table), label(subnet), anywhere)
}

// noNat says why a NAT gateway leads nowhere.
func (m networkMap) noNat(subnet world.Resource, id string) string {
	for _, nat := range each(m.all, typeNatGateway) {
		if nat.ID != id {
			continue
		}
		at := m.subnets[outs(nat).Text("subnetId")]
		route, reason := m.defaultRoute(at)
		if reason == "" && route.Text("gatewayId") == "" {
			reason = fmt.Sprintf("the route table of subnet %s does not lead to an internet gateway", label(at))
		}
		if reason == "" {
			reason = m.noGateway(at, route.Text("gatewayId"))
		}
		if reason != "" {
			return fmt.Sprintf("NAT gateway %s leads nowhere: %s", label(nat), reason)
		}
		return ""
	}
	return fmt.Sprintf("the route of subnet %s leads to the NAT gateway %s, which is gone", label(subnet), id)
}

// noGateway says why an internet gateway is none for a subnet.
func (m networkMap) noGateway(subnet world.Resource, id string) string {
	for _, gateway := range each(m.all, typeInternetGateway) {
		if gateway.ID == id && outs(gateway).Text("vpcId") == outs(subnet).Text("vpcId") {
			return ""
		}
	}
	return fmt.Sprintf("the route of subnet %s leads to the internet gateway %s, which is not attached to its network", label(subnet), id)
}
