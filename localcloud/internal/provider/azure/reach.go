package azure

import (
	"fmt"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// networkMap is what decides who reaches whom: subnets and their rules.
type networkMap struct{ all []world.Resource }

func readMap(all []world.Resource) networkMap { return networkMap{all} }

// fleet is where a scale set's instances are and what guards them.
type fleet struct {
	name   string
	id     string
	subnet provider.Inputs
	faces  []string // security groups of its interfaces
	pools  []string
}

func (m networkMap) fleet(set world.Resource) fleet {
	f := fleet{name: logicalName(set), id: set.ID, pools: scaleSetPools(outs(set))}
	for _, ref := range scaleSetSubnets(outs(set)) {
		f.subnet, _ = subnetOf(m.all, ref)
	}
	for _, face := range scaleSetInterfaces(outs(set)) {
		if ref := face.Object("networkSecurityGroup").Text("id"); ref != "" {
			f.faces = append(f.faces, ref)
		}
	}
	return f
}

// end is one side of a connection in the network. A connection passes the
// rules of its subnet and those of its interface.
type end struct {
	name   string
	cidr   string
	guards []string // ids of security groups
}

func (f fleet) end() end {
	guards := f.faces
	if ref := f.subnet.Object("networkSecurityGroup").Text("id"); ref != "" {
		guards = append([]string{ref}, f.faces...)
	}
	return end{"scale set " + f.name, subnetRange(f.subnet), guards}
}

// note keeps what blocks a path, if anything does. A subnet spans the zones, so
// what is wrong is wrong in all of them.
func note(blocks world.Blocks, end, reason string) {
	if reason != "" {
		blocks[world.Path{End: end}] = world.Block{Why: reason}
	}
}

// blocked are the paths that a fleet cannot go.
func (m networkMap) blocked(f fleet) world.Blocks {
	out := world.Blocks{}
	if f.subnet == nil {
		nowhere := fmt.Sprintf("scale set %s is in no subnet that is there", f.name)
		note(out, world.DestInternet, nowhere)
		note(out, world.DestObjects, nowhere)
	} else {
		note(out, world.DestInternet, m.noInternet(f))
		note(out, world.DestObjects, m.noObjects(f))
		note(out, world.DestSecrets, m.noSecrets(f))
	}
	for _, server := range each(m.all, typeServer) {
		note(out, server.ID, m.noDatabase(f, server))
	}
	return out
}

// blockedFrom are the paths by the rules of load balancers to a fleet: those of
// connections and those of probes. A connection keeps its client's address, so
// it comes from the internet; the rules of the subnet of its target decide for
// clients, too.
func (m networkMap) blockedFrom(f fleet) (connections, probes world.Blocks) {
	connections, probes = world.Blocks{}, world.Blocks{}
	for _, pool := range f.pools {
		balancer, ok := balancerOf(m.all, pool)
		if !ok {
			continue
		}
		name := "load balancer " + logicalName(balancer)
		for _, rule := range rulesTo(balancer, pool) {
			clients := peer{tag: tagInternet, cidr: anywhere}
			note(connections, rule.Text("id"), m.noService(f, "clients of "+name+" on the internet", clients, rule.Int("backendPort")))
			probe, _ := part(balancer, "probes", rule.Object("probe").Text("id"))
			note(probes, rule.Text("id"), m.noService(f, "the probe of "+name, peer{tag: tagBalancer, cidr: probeSource}, probe.Int("port")))
		}
	}
	return connections, probes
}

// noService says why somebody does not reach a fleet on a port.
func (m networkMap) noService(f fleet, who string, from peer, port int) string {
	to := f.end()
	if reason := m.refused("Inbound", to, from, port, true); reason != "" {
		return fmt.Sprintf("%s cannot reach %s on port %d: %s", who, to.name, port, reason)
	}
	return ""
}

// noDatabase says why a fleet cannot reach a database server: the network,
// its name, or a rule.
func (m networkMap) noDatabase(f fleet, server world.Resource) string {
	o := outs(server)
	subnet, ok := subnetOf(m.all, o.Object("network").Text("delegatedSubnetResourceId"))
	to := end{name: "database server " + logicalName(server), cidr: subnetRange(subnet)}
	if !ok || f.subnet == nil {
		return fmt.Sprintf("scale set %s and %s are in no common network", f.name, to.name)
	}
	if ref := subnet.Object("networkSecurityGroup").Text("id"); ref != "" {
		to.guards = []string{ref}
	}
	network := networkOf(f.subnet)
	if !SameID(network, networkOf(subnet)) {
		return fmt.Sprintf("%s is in another network than scale set %s", to.name, f.name)
	}
	if reason := m.noName(network, o.Object("network").Text("privateDnsZoneArmResourceId")); reason != "" {
		return fmt.Sprintf("scale set %s cannot find %s: %s", f.name, to.name, reason)
	}
	return m.noPath(f.end(), to, databasePort)
}

// networkOf is the id of a subnet's network.
func networkOf(subnet provider.Inputs) string { return parentID(subnet.Text("id")) }

// noName says why a name in a private zone is not found from a network.
func (m networkMap) noName(network, zoneID string) string {
	zone, ok := found(m.all, typePrivateZone, zoneID)
	if !ok {
		return "its private DNS zone is gone"
	}
	for _, link := range each(m.all, typeNetworkLink) {
		if Within(link.ID, zone.ID) && SameID(outs(link).Object("virtualNetwork").Text("id"), network) {
			return ""
		}
	}
	return fmt.Sprintf("the private DNS zone %s is not linked to the virtual network, so the server's name does not resolve", outs(zone).Text("name"))
}

// noPath says why TCP from one end does not get to a port of the other.
func (m networkMap) noPath(from, to end, port int) string {
	if reason := m.refused("Outbound", from, peer{tag: tagNetwork, cidr: to.cidr}, port, false); reason != "" {
		return fmt.Sprintf("%s cannot reach %s on port %d: %s", from.name, to.name, port, reason)
	}
	if reason := m.refused("Inbound", to, peer{tag: tagNetwork, cidr: from.cidr}, port, false); reason != "" {
		return fmt.Sprintf("%s cannot reach %s on port %d: %s", from.name, to.name, port, reason)
	}
	return ""
}
