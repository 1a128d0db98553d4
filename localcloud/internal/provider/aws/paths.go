package aws

import (
	"fmt"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// note keeps what blocks a path, if anything does. Of several subnets in a zone
// the first that is wrong counts, as an instance may be in any.
func note(blocks world.Blocks, path world.Path, why world.Block) {
	if _, known := blocks[path]; why.Why != "" && !known {
		blocks[path] = why
	}
}

// dropped is a block that leaves open connections no way either; tracked is
// one by rules that let them go on.
func dropped(why string) world.Block { return world.Block{Why: why, Open: true} }
func tracked(why string) world.Block { return world.Block{Why: why} }

// blocked are the paths that a fleet cannot go.
func (m networkMap) blocked(f fleet) world.Blocks {
	out := world.Blocks{}
	for _, subnet := range f.subnets {
		zone := zoneOf(subnet)
		note(out, world.Path{Zone: zone, End: world.DestInternet}, m.noInternet(f, subnet))
		note(out, world.Path{Zone: zone, End: world.DestObjects}, m.noObjects(f, subnet))
		for _, db := range each(m.all, typeDatabase) {
			subnets := databaseSubnets(m.all, outs(db))
			for _, far := range subnets {
				why := m.noDatabase(f.in(subnet), m.servers(db, far, subnets), outs(db).Int("port"))
				note(out, world.Path{Zone: zone, End: db.ID, Far: zoneOf(far)}, why)
			}
		}
	}
	return out
}

func (m networkMap) noDatabase(from, to end, port int) world.Block {
	if outs(from.subnet).Text("vpcId") != outs(to.subnet).Text("vpcId") {
		return dropped(fmt.Sprintf("%s is in another network than %s", to.name, from.name))
	}
	return m.noPath(from, to, port)
}

// blockedFrom are the paths from load balancers that lead to a fleet and cannot
// reach it: on the port of a target group, or on the port of its health check.
func (m networkMap) blockedFrom(f fleet, port func(targetGroup provider.Inputs) int) world.Blocks {
	out := world.Blocks{}
	for _, pool := range each(m.all, typeTargetGroup) {
		for _, balancer := range m.balancersTo(f, pool) {
			for _, at := range m.subnetsOf(outs(balancer).Texts("subnets")) {
				for _, subnet := range f.subnets {
					path := world.Path{Zone: zoneOf(subnet), End: pool.ID, Far: zoneOf(at)}
					note(out, path, m.noPath(node(balancer, at), f.in(subnet), port(outs(pool))))
				}
			}
		}
	}
	return out
}

// servicePort is where a target group's targets serve.
func servicePort(targetGroup provider.Inputs) int { return targetGroup.Int("port") }

// balancersTo are the load balancers that lead to a fleet by a target group.
func (m networkMap) balancersTo(f fleet, pool world.Resource) []world.Resource {
	ids := map[string]bool{}
	for _, id := range f.pools {
		if id == pool.ID {
			for _, listener := range listenersOf(m.all, id) {
				ids[outs(listener).Text("loadBalancerArn")] = true
			}
		}
	}
	var out []world.Resource
	for _, balancer := range each(m.all, typeLoadBalancer) {
		if ids[balancer.ID] {
			out = append(out, balancer)
		}
	}
	return out
}

// closed are the paths that clients cannot go to a load balancer's listeners.
func (m networkMap) closed(balancer world.Resource) world.Blocks {
	out := world.Blocks{}
	for _, listener := range each(m.all, typeListener) {
		if outs(listener).Text("loadBalancerArn") != balancer.ID {
			continue
		}
		for _, at := range m.subnetsOf(outs(balancer).Texts("subnets")) {
			path := world.Path{Zone: zoneOf(at), End: listener.ID}
			note(out, path, m.noClients(balancer, at, outs(listener).Int("port")))
		}
	}
	return out
}

// noClients says why clients do not reach a load balancer's node in a subnet.
// From the internet, they come and are answered by the subnet's default route.
func (m networkMap) noClients(balancer, at world.Resource, port int) world.Block {
	from, to := m.clients(balancer), node(balancer, at)
	if from.cidr == anywhere {
		if reason := m.noPublicRoute(at); reason != "" {
			return dropped(fmt.Sprintf("%s cannot reach %s on port %d: %s", from.name, to.name, port, reason))
		}
	}
	return m.noPath(from, to, port)
}
