package azure

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// computeScaleSet keeps every version of the model in Private: "versions"
// maps a number to what instances of that version are started from.
func computeScaleSet(req request) (result, error) {
	in := req.Inputs
	setName := in.Text("vmScaleSetName")
	if err := unchanged(req, "PropertyChangeNotAllowed", "zones", "platformFaultDomainCount", "orchestrationMode"); err != nil {
		return result{}, err
	}
	if err := scaleSetReferences(req); err != nil {
		return result{}, err
	}
	id, err := inGroup(req, kindScaleSet, setName)
	if err != nil {
		return result{}, err
	}
	out, err := regional(req, id, kindScaleSet, setName, map[string]any{
		"etag": etag(), "provisioningState": "Succeeded", "timeCreated": "", "singlePlacementGroup": false,
		"uniqueId": kept(req, "uniqueId", func() string { return guid(hexes(32)) }),
	})
	if err != nil {
		return result{}, err
	}
	if in.Has("identity") {
		out.Outputs["identity"] = answeredIdentity(req)
	}
	versions, latest := nextVersion(req)
	out.Private["versions"], out.Private["latest"] = versions, float64(latest)
	hidePassword(in, &out)
	return out, nil
}

// nextVersion adds a version when the model differs from the latest.
func nextVersion(req request) (versions map[string]any, latest int) {
	model := map[string]any{
		"size": req.Inputs.Object("sku").Text("name"), "profile": map[string]any(req.Inputs.Object("virtualMachineProfile")),
		"identity": map[string]any(req.Inputs.Object("identity")),
	}
	versions = map[string]any{}
	if req.Prev != nil {
		before := privates(*req.Prev)
		for number, v := range before.Object("versions") {
			versions[number] = v
		}
		latest = before.Int("latest")
		if provider.Equal(versions[strconv.Itoa(latest)], model) {
			return versions, latest
		}
	}
	latest++
	versions[strconv.Itoa(latest)] = model
	return versions, latest
}

// answeredIdentity has the identities by id, where the input is a list.
func answeredIdentity(req request) map[string]any {
	given := req.Inputs.Object("identity")
	identities := map[string]any{}
	for _, ref := range given.Texts("userAssignedIdentities") {
		if r, ok := find(req.World, ref); ok {
			identities[r.ID] = map[string]any{"clientId": outs(r).Text("clientId"), "principalId": outs(r).Text("principalId")}
		}
	}
	return map[string]any{"type": given.Text("type"), "userAssignedIdentities": identities}
}

// identitiesOf are the ids of the identities of a scale set on record.
func identitiesOf(set provider.Inputs) []string {
	return slices.Sorted(maps.Keys(set.Object("identity").Object("userAssignedIdentities")))
}

// hidePassword marks the profile as secret where it holds a password.
func hidePassword(in provider.Inputs, out *result) {
	if in.Object("virtualMachineProfile").Object("osProfile").Has("adminPassword") {
		out.Secrets = append(out.Secrets, "virtualMachineProfile")
	}
}

func scaleSetReferences(req request) error {
	in := req.Inputs
	for _, ref := range in.Object("identity").Texts("userAssignedIdentities") {
		if _, ok := found(req.World.Resources(), typeIdentity, ref); !ok {
			return fmt.Errorf("FailedIdentityOperation: Identity operation for resource %s failed: the identity %s was not found", in.Text("vmScaleSetName"), ref)
		}
	}
	for _, ref := range scaleSetSubnets(in) {
		subnet, ok := subnetOf(req.World.Resources(), ref)
		if !ok {
			return missing(req, ref)
		}
		if delegated(subnet) {
			return fmt.Errorf("SubnetWithDelegationIsAlreadyInUse: Subnet %s is delegated and takes no scale set", subnet.Text("id"))
		}
	}
	for _, face := range scaleSetInterfaces(in) {
		if ref := face.Object("networkSecurityGroup").Text("id"); ref != "" {
			if _, err := need(req, typeSecurityGroup, ref); err != nil {
				return err
			}
		}
	}
	return poolReferences(req)
}

// poolReferences refuses a pool that is not there, and one that no rule leads
// to: its instances would never get a connection.
func poolReferences(req request) error {
	for _, ref := range scaleSetPools(req.Inputs) {
		balancer, ok := balancerOf(req.World.Resources(), ref)
		if !ok {
			return missing(req, ref)
		}
		if len(rulesTo(balancer, ref)) == 0 {
			return fmt.Errorf("the backend pool %s has no rule of load balancer %s that leads to it, so no instance could become healthy in it", ref, outs(balancer).Text("name"))
		}
	}
	return nil
}

// balancerOf finds the load balancer of a pool's id, and the pool in it.
func balancerOf(resources []world.Resource, pool string) (world.Resource, bool) {
	for _, balancer := range each(resources, typeLoadBalancer) {
		if _, ok := part(balancer, "backendAddressPools", pool); ok {
			return balancer, true
		}
	}
	return world.Resource{}, false
}

// rulesTo are a balancer's rules that lead to a pool.
func rulesTo(balancer world.Resource, pool string) []provider.Inputs {
	return slices.DeleteFunc(outs(balancer).Objects("loadBalancingRules"), func(rule provider.Inputs) bool {
		return !SameID(rulePool(rule), pool)
	})
}

func scaleSetInterfaces(in provider.Inputs) []provider.Inputs {
	return in.Object("virtualMachineProfile").Object("networkProfile").Objects("networkInterfaceConfigurations")
}

func scaleSetSubnets(in provider.Inputs) []string {
	var ids []string
	for _, face := range scaleSetInterfaces(in) {
		for _, ip := range face.Objects("ipConfigurations") {
			ids = append(ids, ip.Object("subnet").Text("id"))
		}
	}
	return ids
}

func scaleSetPools(in provider.Inputs) []string {
	var ids []string
	for _, face := range scaleSetInterfaces(in) {
		for _, ip := range face.Objects("ipConfigurations") {
			for _, ref := range ip.Objects("loadBalancerBackendAddressPools") {
				ids = append(ids, ref.Text("id"))
			}
		}
	}
	return ids
}

// healthCheck are the settings of the health extension, if there is one, and
// whether it reads the answer's body (version 2).
func healthCheck(profile provider.Inputs) (extension provider.Inputs, ok bool) {
	for _, e := range profile.Object("extensionProfile").Objects("extensions") {
		if e.Text("type") == healthExtension {
			return e, true
		}
	}
	return nil, false
}

func terminateNotice(profile provider.Inputs) provider.Inputs {
	return profile.Object("scheduledEventsProfile").Object("terminateNotificationProfile")
}

// subnetOf finds a subnet by its id in the networks.
func subnetOf(resources []world.Resource, id string) (provider.Inputs, bool) {
	for _, network := range each(resources, typeVirtualNetwork) {
		if subnet, ok := part(network, "subnets", id); ok {
			return subnet, true
		}
	}
	return nil, false
}

func delegated(subnet provider.Inputs) bool { return len(subnet.Objects("delegations")) > 0 }

func hasEndpoint(subnet provider.Inputs, service string) bool {
	return slices.ContainsFunc(subnet.Objects("serviceEndpoints"), func(e provider.Inputs) bool {
		return e.Text("service") == service || e.Text("service") == service+".Global"
	})
}
