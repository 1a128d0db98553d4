package aws

import (
	"fmt"
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
	template, ok := findTemplate(m.all, o.Object("launchTemplate"))
	if !ok {
		return f
	}
	number := templateVersion(template, o.Object("launchTemplate").Text("version"))
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

// zonesOf are the zones of some subnets, in order, each once.
func (m networkMap) zonesOf(ids []string) []string {
	var zones []string
	for _, subnet := range m.subnetsOf(ids) {
		zones = append(zones, outs(subnet).Text("availabilityZone"))
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

// blocked lists the destinations that a fleet cannot reach, with the reasons.
func (m networkMap) blocked(f fleet) map[string]string {
	out := map[string]string{}
	note := func(destination, reason string) {
		if reason != "" {
			out[destination] = reason
		}
	}
	note(world.DestInternet, m.noInternet(f))
	note(world.DestObjects, m.noObjects(f))
	for _, db := range each(m.all, typeDatabase) {
		note(db.ID, m.noDatabase(f, db))
	}
	return out
}

// blockedFrom lists the balancers that lead to a fleet and cannot reach it.
func (m networkMap) blockedFrom(f fleet) map[string]string {
	out := map[string]string{}
	for _, pool := range f.pools {
		for _, listener := range listenersOf(m.all, pool) {
			balancer := outs(listener).Text("loadBalancerArn")
			if reason := m.noService(f, balancer, pool); reason != "" {
				out[balancer] = reason
			}
		}
	}
	return out
}

// noService says why a balancer cannot reach a fleet on the port of a target
// group, or on the port of its health check.
func (m networkMap) noService(f fleet, balancerID, poolID string) string {
	for _, balancer := range each(m.all, typeLoadBalancer) {
		if balancer.ID != balancerID {
			continue
		}
		from := m.end("load balancer", balancer, outs(balancer).Texts("securityGroups"), m.subnetsOf(outs(balancer).Texts("subnets")))
		for _, pool := range each(m.all, typeTargetGroup) {
			if pool.ID != poolID {
				continue
			}
			for _, port := range []int{outs(pool).Int("port"), checkPort(outs(pool))} {
				if reason := m.noPath(from, f.end(), port); reason != "" {
					return reason
				}
			}
		}
	}
	return ""
}

func (m networkMap) noDatabase(f fleet, db world.Resource) string {
	subnets := databaseSubnets(m.all, outs(db))
	groups := outs(db).Texts("vpcSecurityGroupIds")
	if len(groups) == 0 {
		groups = m.defaultGroups(subnets)
	}
	to := m.end("database", db, groups, subnets)
	if len(subnets) > 0 && len(f.subnets) > 0 && outs(subnets[0]).Text("vpcId") != outs(f.subnets[0]).Text("vpcId") {
		return fmt.Sprintf("%s is in another network than %s", to.name, f.end().name)
	}
	return m.noPath(f.end(), to, outs(db).Int("port"))
}

// end is one side of a connection.
type end struct {
	name    string
	groups  []string
	subnets []world.Resource
}

func (f fleet) end() end { return end{"scaling group " + f.name, f.groups, f.subnets} }

func (m networkMap) end(kind string, r world.Resource, groups []string, subnets []world.Resource) end {
	return end{kind + " " + logicalName(r), groups, subnets}
}
