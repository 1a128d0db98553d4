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
// HTTPS from a subnet: a rule, or a route.
func (m networkMap) noInternet(f fleet, subnet world.Resource) world.Block {
	cannot := fmt.Sprintf("scaling group %s cannot reach the internet: ", f.name)
	if !m.allowedOut(f.groups, anywhere, "") {
		return tracked(cannot + fmt.Sprintf("%s no egress rule for port %d to %s", m.have(f.groups), portHTTPS, anywhere))
	}
	if reason := m.noWayOut(f, subnet); reason != "" {
		return dropped(cannot + reason)
	}
	return world.Block{}
}

// noObjects says why a fleet cannot reach the object store from a subnet: by a
// gateway endpoint where the subnet's table has one, else by the internet.
func (m networkMap) noObjects(f fleet, subnet world.Resource) world.Block {
	cannot := fmt.Sprintf("scaling group %s cannot reach S3: ", f.name)
	endpoint, ok := m.endpoint(subnet)
	if !m.allowedOut(f.groups, anywhere, outs(endpoint).Text("prefixListId")) {
		return tracked(cannot + fmt.Sprintf("%s no egress rule for port %d to %s", m.have(f.groups), portHTTPS, anywhere))
	}
	if ok {
		for _, cidr := range outs(endpoint).Texts("cidrBlocks") {
			if reason := m.stopped(outAndBack(subnet, cidr)...); reason != "" {
				return dropped(cannot + reason)
			}
		}
		return world.Block{}
	}
	if reason := m.noWayOut(f, subnet); reason != "" {
		return dropped(cannot + reason + ", and there is no gateway endpoint on its route table")
	}
	return world.Block{}
}

// outAndBack are the crossings of an instance's connection to what is outside.
func outAndBack(subnet world.Resource, peer string) []crossing {
	return []crossing{
		{subnet: subnet, out: true, peer: peer, ports: ports{portHTTPS, portHTTPS}},
		{subnet: subnet, peer: peer, ports: linuxPorts, answer: true},
	}
}

// throughNat are the crossings of a NAT gateway's subnet by the connection of
// an instance in another, which it takes up and opens on its own behalf.
func throughNat(at, from world.Resource) []crossing {
	if at.ID == from.ID {
		return nil
	}
	inner, service := outs(from).Text("cidrBlock"), ports{portHTTPS, portHTTPS}
	return []crossing{
		{subnet: at, peer: inner, ports: service},
		{subnet: at, out: true, peer: anywhere, ports: service},
		{subnet: at, peer: anywhere, ports: anyPorts, answer: true},
		{subnet: at, out: true, peer: inner, ports: linuxPorts, answer: true},
	}
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

// noWayOut says why a subnet's instances have no way to the internet: a route,
// or a network ACL on the way.
func (m networkMap) noWayOut(f fleet, subnet world.Resource) string {
	if reason := m.stopped(outAndBack(subnet, anywhere)...); reason != "" {
		return reason
	}
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
		reason := m.noPublicRoute(at)
		if reason == "" {
			reason = m.stopped(throughNat(at, subnet)...)
		}
		if reason != "" {
			return fmt.Sprintf("NAT gateway %s leads nowhere: %s", label(nat), reason)
		}
		return ""
	}
	return fmt.Sprintf("the route of subnet %s leads to the NAT gateway %s, which is gone", label(subnet), id)
}

// noPublicRoute says why a subnet does not lead to an internet gateway.
func (m networkMap) noPublicRoute(subnet world.Resource) string {
	route, reason := m.defaultRoute(subnet)
	switch {
	case reason != "":
		return reason
	case route.Text("gatewayId") == "":
		return fmt.Sprintf("the route table of subnet %s does not lead to an internet gateway", label(subnet))
	}
	return m.noGateway(subnet, route.Text("gatewayId"))
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
