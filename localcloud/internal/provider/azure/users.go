package azure

import (
	"fmt"

	"orchard/localcloud/internal/world"
)

// users tells which ids a resource refers to, of one kind.
type users func(world.Resource) []string

// leaveUsed refuses a Delete while another resource refers to the one, or to
// something inside it.
func leaveUsed(of users) func(request) error {
	return func(req request) error {
		for _, r := range req.World.Resources() {
			for _, id := range of(r) {
				if r.ID != req.Prev.ID && Within(id, req.Prev.ID) {
					return fmt.Errorf("InUseResourceCannotBeDeleted: Resource %s is in use by %s and cannot be deleted", req.Prev.ID, r.ID)
				}
			}
		}
		return nil
	}
}

// networkUsers are what is in a network's subnets or linked to it.
func networkUsers(r world.Resource) []string {
	switch r.Type {
	case typeScaleSet:
		return scaleSetSubnets(outs(r))
	case typeServer:
		return []string{outs(r).Object("network").Text("delegatedSubnetResourceId")}
	case typeNetworkLink:
		return []string{outs(r).Object("virtualNetwork").Text("id")}
	}
	return nil
}

// addressUsers are balancers and NAT gateways with a public address.
func addressUsers(r world.Resource) []string {
	var ids []string
	switch r.Type {
	case typeLoadBalancer:
		for _, front := range outs(r).Objects("frontendIPConfigurations") {
			ids = append(ids, front.Object("publicIPAddress").Text("id"))
		}
	case typeNatGateway:
		for _, ref := range outs(r).Objects("publicIpAddresses") {
			ids = append(ids, ref.Text("id"))
		}
	}
	return ids
}

// usedAddress is what else has a public address already.
func usedAddress(req request, address string) string {
	for _, r := range req.World.Resources() {
		if req.Prev != nil && r.ID == req.Prev.ID {
			continue
		}
		for _, id := range addressUsers(r) {
			if SameID(id, address) {
				return r.ID
			}
		}
	}
	return ""
}

func natUsers(r world.Resource) []string { return subnetRefs(r, "natGateway") }

// securityUsers are subnets and scale sets with a security group.
func securityUsers(r world.Resource) []string {
	ids := subnetRefs(r, "networkSecurityGroup")
	if r.Type == typeScaleSet {
		for _, face := range scaleSetInterfaces(outs(r)) {
			ids = append(ids, face.Object("networkSecurityGroup").Text("id"))
		}
	}
	return ids
}

func subnetRefs(r world.Resource, property string) []string {
	var ids []string
	if r.Type == typeVirtualNetwork {
		for _, subnet := range outs(r).Objects("subnets") {
			ids = append(ids, subnet.Object(property).Text("id"))
		}
	}
	return ids
}

// balancerUsers are scale sets in a balancer's pools.
func balancerUsers(r world.Resource) []string {
	if r.Type != typeScaleSet {
		return nil
	}
	return scaleSetPools(outs(r))
}

// zoneUsers are database servers that have their name in a private zone.
func zoneUsers(r world.Resource) []string {
	if r.Type != typeServer {
		return nil
	}
	return []string{outs(r).Object("network").Text("privateDnsZoneArmResourceId")}
}

// workspaceUsers are the diagnostic settings that send to a workspace.
func workspaceUsers(r world.Resource) []string {
	if r.Type != typeDiagnostics {
		return nil
	}
	return []string{outs(r).Text("workspaceId")}
}
