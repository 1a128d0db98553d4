package aws

import (
	"fmt"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// found looks up a resource of one type by its id in the world.
func found(w provider.World, typ, id string) (world.Resource, bool) {
	r, ok := w.Lookup(id)
	return r, ok && r.Type == typ
}

// each lists the resources of a type.
func each(resources []world.Resource, typ string) []world.Resource {
	var out []world.Resource
	for _, r := range resources {
		if r.Type == typ {
			out = append(out, r)
		}
	}
	return out
}

// others lists the resources of a type in the request's world, without the
// one that the request is about.
func others(req request, typ string) []world.Resource {
	var out []world.Resource
	for _, r := range each(req.World.Resources(), typ) {
		if req.Prev == nil || r.ID != req.Prev.ID {
			out = append(out, r)
		}
	}
	return out
}

// outs are a resource's outputs as inputs of the next step.
func outs(r world.Resource) provider.Inputs { return r.Outputs }

func needVpc(w provider.World, id string) (world.Resource, error) {
	r, ok := found(w, typeVpc, id)
	if !ok {
		return r, fmt.Errorf("InvalidVpcID.NotFound: The vpc ID '%s' does not exist", id)
	}
	return r, nil
}

func needSubnet(w provider.World, id string) (world.Resource, error) {
	r, ok := found(w, typeSubnet, id)
	if !ok {
		return r, fmt.Errorf("InvalidSubnetID.NotFound: The subnet ID '%s' does not exist", id)
	}
	return r, nil
}

func needRouteTable(w provider.World, id string) (world.Resource, error) {
	r, ok := found(w, typeRouteTable, id)
	if !ok {
		return r, fmt.Errorf("InvalidRouteTableID.NotFound: The routeTable ID '%s' does not exist", id)
	}
	return r, nil
}

// needSecurityGroup accepts a network's default group too, which is there
// whether the program takes it over or not.
func needSecurityGroup(w provider.World, id string) error {
	for _, typ := range []string{typeSecurityGroup, typeDefaultSecurityGroup} {
		if _, ok := found(w, typ, id); ok {
			return nil
		}
	}
	for _, vpc := range each(w.Resources(), typeVpc) {
		if outs(vpc).Text("defaultSecurityGroupId") == id {
			return nil
		}
	}
	return fmt.Errorf("InvalidGroup.NotFound: The security group '%s' does not exist", id)
}

func needSecurityGroups(w provider.World, ids []string) error {
	for _, id := range ids {
		if err := needSecurityGroup(w, id); err != nil {
			return err
		}
	}
	return nil
}

func needBucket(w provider.World, name string) (world.Resource, error) {
	r, ok := found(w, typeBucket, name+"#bucket")
	if !ok {
		return r, fmt.Errorf("NoSuchBucket: The specified bucket does not exist: %s", name)
	}
	return r, nil
}

func needRole(w provider.World, name string) (world.Resource, error) {
	r, ok := found(w, typeRole, name+"#role")
	if !ok {
		return r, fmt.Errorf("NoSuchEntity: The role with name %s cannot be found", name)
	}
	return r, nil
}

// internetGateway is the gateway that is attached to a network.
func internetGateway(w provider.World, vpc string) (world.Resource, bool) {
	for _, r := range each(w.Resources(), typeInternetGateway) {
		if outs(r).Text("vpcId") == vpc {
			return r, true
		}
	}
	return world.Resource{}, false
}
