package azure

import (
	"fmt"

	"orchard/localcloud/internal/provider"
)

const portHTTPS = 443

// noInternet says why a fleet cannot reach what is outside its network over
// HTTPS: a rule, or a way out.
func (m networkMap) noInternet(f fleet) string {
	if reason := m.noWayOut(f); reason != "" {
		return fmt.Sprintf("scale set %s cannot reach the internet: %s", f.name, reason)
	}
	return m.notOut(f, "the internet", peer{tag: tagInternet, cidr: anywhere})
}

// noObjects says why a fleet cannot reach the blobs.
func (m networkMap) noObjects(f fleet) string {
	return m.noEndpoint(f, "blobs", endpointStorage, tagStorage)
}

// noSecrets says why a fleet cannot reach the vaults. Only a stack that names
// one has to.
func (m networkMap) noSecrets(f fleet) string {
	for _, r := range each(m.all, typeRoleAssignment) {
		if vault, _ := VaultScope(outs(r).Text("scope")); vault != "" {
			return m.noEndpoint(f, "vault "+vault, endpointVault, tagVault)
		}
	}
	return ""
}

// noEndpoint says why a fleet cannot reach a service: by a service endpoint of
// its subnet, else by the internet.
func (m networkMap) noEndpoint(f fleet, what, endpoint, tag string) string {
	if !hasEndpoint(f.subnet, endpoint) {
		if reason := m.noWayOut(f); reason != "" {
			return fmt.Sprintf("scale set %s cannot reach %s: %s, and its subnet has no service endpoint for %s", f.name, what, reason, endpoint)
		}
	}
	return m.notOut(f, what, peer{tag: tag})
}

func (m networkMap) notOut(f fleet, what string, to peer) string {
	if reason := m.refused("Outbound", f.end(), to, portHTTPS, false); reason != "" {
		return fmt.Sprintf("scale set %s cannot reach %s: %s", f.name, what, reason)
	}
	return ""
}

// noWayOut says why a fleet's instances have no way to the internet. There is
// no default one for a Flexible scale set, whatever the subnet says.
func (m networkMap) noWayOut(f fleet) string {
	if ref := f.subnet.Object("natGateway").Text("id"); ref != "" {
		return m.noNat(ref)
	}
	if m.hasPublicAddress(f) {
		return ""
	}
	for _, pool := range f.pools {
		if balancer, ok := balancerOf(m.all, pool); ok && translates(outs(balancer), pool) {
			return ""
		}
	}
	return fmt.Sprintf("subnet %s has no NAT gateway, its instances no public address, and no outbound rule of a load balancer leads out of its pool; a Flexible scale set has no default outbound access", f.subnet.Text("name"))
}

// translates says whether a balancer gives a pool a way out: by an outbound
// rule, or by a balancing rule that does not forbid it.
func translates(balancer provider.Inputs, pool string) bool {
	for _, rule := range balancer.Objects("outboundRules") {
		if SameID(rule.Object("backendAddressPool").Text("id"), pool) {
			return true
		}
	}
	for _, rule := range balancer.Objects("loadBalancingRules") {
		if SameID(rulePool(rule), pool) && !rule.Flag("disableOutboundSnat") {
			return true
		}
	}
	return false
}

func (m networkMap) noNat(id string) string {
	nat, ok := found(m.all, typeNatGateway, id)
	if !ok {
		return fmt.Sprintf("its subnet leads to the NAT gateway %s, which is gone", id)
	}
	for _, ref := range outs(nat).Objects("publicIpAddresses") {
		if _, ok := found(m.all, typePublicAddress, ref.Text("id")); ok {
			return ""
		}
	}
	return fmt.Sprintf("NAT gateway %s has no public address", label(nat))
}
