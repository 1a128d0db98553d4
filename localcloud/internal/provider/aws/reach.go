package aws

import (
	"slices"
	"strconv"

	"orchard/localcloud/internal/world"
)

// networkMap is what decides who reaches whom: routes and rules.
type networkMap struct {
	all     []world.Resource
	subnets map[string]world.Resource // by id
	tables  map[string]world.Resource // by subnet: the table associated with it
}

func readMap(all []world.Resource) networkMap {
	m := networkMap{all: all, subnets: map[string]world.Resource{}, tables: map[string]world.Resource{}}
	byID := map[string]world.Resource{}
	for _, r := range all {
		byID[r.ID] = r
		if r.Type == typeSubnet {
			m.subnets[r.ID] = r
		}
	}
	for _, a := range each(all, typeAssociation) {
		if table, ok := byID[outs(a).Text("routeTableId")]; ok {
			m.tables[outs(a).Text("subnetId")] = table
		}
	}
	return m
}

// fleet is where a group's instances are and what guards them.
type fleet struct {
	name    string
	subnets []world.Resource
	groups  []string // security groups
	pools   []string
	public  *bool // public addresses, where the template says
}

func (m networkMap) fleet(group world.Resource) fleet {
	o := outs(group)
	f := fleet{name: logicalName(group), subnets: m.subnetsOf(o.Texts("vpcZoneIdentifiers")), pools: o.Texts("targetGroupArns")}
	template, ok := findTemplate(m.all, templateOf(o))
	if !ok {
		return f
	}
	number := templateVersion(template, templateOf(o).Text("version"))
	version := privates(template).Object("versions").Object(strconv.Itoa(number))
	f.groups = templateGroups(version)
	for _, face := range version.Objects("networkInterfaces") {
		if text := face.Text("associatePublicIpAddress"); text != "" {
			public := text == "true"
			f.public = &public
		}
	}
	if len(f.groups) == 0 {
		f.groups = m.defaultGroups(f.subnets)
	}
	return f
}

func (m networkMap) subnetsOf(ids []string) []world.Resource {
	var out []world.Resource
	for _, id := range ids {
		if subnet, ok := m.subnets[id]; ok {
			out = append(out, subnet)
		}
	}
	return out
}

func zoneOf(subnet world.Resource) string { return outs(subnet).Text("availabilityZone") }

// zonesOf are the zones of some subnets, in order, each once.
func (m networkMap) zonesOf(ids []string) []string {
	var zones []string
	for _, subnet := range m.subnetsOf(ids) {
		zones = append(zones, zoneOf(subnet))
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

// defaultGroups is the default security group of the subnets' network.
func (m networkMap) defaultGroups(subnets []world.Resource) []string {
	for _, vpc := range each(m.all, typeVpc) {
		if len(subnets) > 0 && outs(subnets[0]).Text("vpcId") == vpc.ID {
			return []string{outs(vpc).Text("defaultSecurityGroupId")}
		}
	}
	return nil
}

// end is one side of a connection: what is in a subnet, or outside.
type end struct {
	name   string
	groups []string       // security groups; none outside
	subnet world.Resource // the zero resource outside
	cidr   string
	ports  ports // from which it opens connections
}

func (f fleet) in(subnet world.Resource) end {
	return end{"scaling group " + f.name, f.groups, subnet, outs(subnet).Text("cidrBlock"), linuxPorts}
}

// node is a load balancer's part in a subnet.
func node(balancer, subnet world.Resource) end {
	return end{"load balancer " + logicalName(balancer), outs(balancer).Texts("securityGroups"), subnet, outs(subnet).Text("cidrBlock"), anyPorts}
}

// clients of a load balancer are anywhere, or in its network where it is an
// internal one.
func (m networkMap) clients(balancer world.Resource) end {
	if outs(balancer).Flag("internal") {
		for _, vpc := range each(m.all, typeVpc) {
			if vpc.ID == outs(balancer).Text("vpcId") {
				return end{name: "clients in the network", cidr: outs(vpc).Text("cidrBlock"), ports: anyPorts}
			}
		}
	}
	return end{name: "clients on the internet", cidr: anywhere, ports: anyPorts}
}

// servers is a database's part in a subnet.
func (m networkMap) servers(db, subnet world.Resource, all []world.Resource) end {
	groups := outs(db).Texts("vpcSecurityGroupIds")
	if len(groups) == 0 {
		groups = m.defaultGroups(all)
	}
	return end{"database " + logicalName(db), groups, subnet, outs(subnet).Text("cidrBlock"), linuxPorts}
}
