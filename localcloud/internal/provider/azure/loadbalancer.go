package azure

import (
	"fmt"

	"orchard/localcloud/internal/provider"
)

const kindLoadBalancer = "Microsoft.Network/loadBalancers"

func balancerTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeLoadBalancer: {
			Properties: balancerProperties(),
			Name:       autoName("loadBalancerName", 80),
			Computed: networkOutputs("backendAddressPools", "frontendIPConfigurations", "inboundNatPools", "inboundNatRules",
				"loadBalancingRules", "outboundRules", "probes"),
			Moves: networkMoves(balancerProperties()),
			Check: checkBalancer, Compute: computeBalancer, Leave: leaveUsed(balancerUsers),
		},
	}
}

func balancerProperties() properties {
	return at(properties{
		"loadBalancerName": networkName(1, 80),
		"sku": object(properties{
			"name": text().Or("Basic").OneOf("Basic", "Standard", "Gateway").OnlyHere("Standard", "a Basic one does not span zones"),
			"tier": text().Or("Regional").OneOf("Regional", "Global").OnlyHere("Regional", "its addresses are in one location"),
		}).Needed(),
		"frontendIPConfigurations": list(object(properties{
			"name":            partName(),
			"publicIPAddress": reference().Needed(),
			"zones":           list(text().OneOf("1", "2", "3")).Length(0, 0).NoEffect(),
		}).Makes(partOutputs...)).Needed().Length(1, 1),
		"backendAddressPools": list(object(properties{
			"name":                 partName(),
			"drainPeriodInSeconds": integer().AtLeast(0).OnlyHere(0.0, "what a drain period does is not documented"),
		}).Makes(partOutputs...)),
		"probes":             list(probe()),
		"loadBalancingRules": list(balancingRule()),
		"outboundRules": list(object(properties{
			"name":                     partName(),
			"protocol":                 text().Needed().OneOf("Tcp", "Udp", "All"),
			"backendAddressPool":       reference().Needed(),
			"frontendIPConfigurations": list(reference()).Needed().Length(1, 0),
			"allocatedOutboundPorts":   integer().Between(0, 64000).NoEffect(),
			"enableTcpReset":           flag().NoEffect(),
			"idleTimeoutInMinutes":     integer().Or(4.0).Between(4, 100).NoEffect(),
		}).Makes(partOutputs...)),
	})
}

var partOutputs = []string{"id", "etag", "provisioningState"}

func probe() provider.Property {
	return object(properties{
		"name":                      partName(),
		"protocol":                  text().Needed().OneOf("Http", "Https", "Tcp").Like(`^Https?$`, "Http or Https: localcloud's balancer asks no other way"),
		"port":                      integer().Needed().Between(1, 65535),
		"requestPath":               text().Length(1, 0).Like(`^/`, "a path that begins with /"),
		"intervalInSeconds":         integer().Or(15.0).AtLeast(5),
		"numberOfProbes":            integer().AtLeast(1).NoEffect(), // the cloud itself goes by probeThreshold
		"probeThreshold":            integer().Or(1.0).Between(1, 100),
		"noHealthyBackendsBehavior": text().Or("AllProbedDown").OneOf("AllProbedDown", "AllProbedUp"),
	}).Makes(partOutputs...)
}

func balancingRule() provider.Property {
	return object(properties{
		"name":                    partName(),
		"protocol":                text().Needed().OneOf("Tcp", "Udp", "All").OnlyHere("Tcp", "its balancer speaks TCP"),
		"frontendPort":            integer().Needed().Between(1, 65534),
		"backendPort":             integer().Needed().Between(1, 65535),
		"frontendIPConfiguration": reference().Needed(),
		"backendAddressPool":      reference().Not("backendAddressPools"),
		"backendAddressPools":     list(reference()).Length(1, 1),
		"probe":                   reference().Needed(),
		"enableTcpReset":          flag().Or(false),
		"idleTimeoutInMinutes":    integer().Or(4.0).Between(4, 100),
		"loadDistribution":        text().Or("Default").OneOf("Default", "SourceIP", "SourceIPProtocol").OnlyHere("Default", "it spreads connections by all five parts of their addresses"),
		"disableOutboundSnat":     flag().Or(false),
		"enableFloatingIP":        flag().Or(false).OnlyHere(false, "instances have an address of their own"),
	}).Makes(partOutputs...)
}

// refusedProbePorts are those that the cloud does not ask by HTTP.
var refusedProbePorts = map[int]bool{19: true, 21: true, 25: true, 70: true, 110: true, 119: true, 143: true, 220: true, 993: true}

func checkBalancer(in provider.Inputs) failures {
	for _, part := range []string{"backendAddressPools", "probes", "loadBalancingRules", "outboundRules"} {
		seen := map[string]bool{}
		for i, p := range in.Objects(part) {
			if p.Known("name") && seen[p.Text("name")] {
				return refuse(fmt.Sprintf("%s[%d].name", part, i), "%q is there twice", p.Text("name"))
			}
			seen[p.Text("name")] = true
		}
	}
	for i, p := range in.Objects("probes") {
		at := fmt.Sprintf("probes[%d]", i)
		if !p.Has("requestPath") {
			return refuse(at+".requestPath", "is required and missing: the protocol is Http")
		}
		if refusedProbePorts[p.Int("port")] {
			return refuse(at+".port", "is %d, which probes may not ask by HTTP", p.Int("port"))
		}
	}
	return checkRules(in.Objects("loadBalancingRules"))
}

func checkRules(rules []provider.Inputs) failures {
	ports := map[int]string{}
	for i, rule := range rules {
		at := fmt.Sprintf("loadBalancingRules[%d]", i)
		if !rule.Has("backendAddressPool") && !rule.Has("backendAddressPools") {
			return refuse(at+".backendAddressPool", "is required and missing")
		}
		if other, taken := ports[rule.Int("frontendPort")]; taken && rule.Known("frontendPort") {
			return refuse(at+".frontendPort", "is %d, which the rule %s has", rule.Int("frontendPort"), other)
		}
		ports[rule.Int("frontendPort")] = rule.Text("name")
		for _, property := range []string{"idleTimeoutInMinutes", "enableTcpReset"} {
			if !provider.Equal(rule[property], rules[0][property]) {
				return refuse(at+"."+property, "differs from that of the rule %s: localcloud's balancer has one for all its rules", rules[0].Text("name"))
			}
		}
	}
	return nil
}

// rulePool is the id of the pool that a rule leads to.
func rulePool(rule provider.Inputs) string {
	for _, ref := range rule.Objects("backendAddressPools") {
		return ref.Text("id")
	}
	return rule.Object("backendAddressPool").Text("id")
}

func computeBalancer(req request) (result, error) {
	in := req.Inputs
	balancerName := in.Text("loadBalancerName")
	if err := unchanged(req, "LoadBalancerSkuCannotBeChanged", "sku"); err != nil {
		return result{}, err
	}
	id, err := inGroup(req, kindLoadBalancer, balancerName)
	if err != nil {
		return result{}, err
	}
	if err := frontAddresses(req); err != nil {
		return result{}, err
	}
	made := map[string]any{"inboundNatPools": []any{}, "inboundNatRules": []any{}}
	for _, part := range []string{"frontendIPConfigurations", "backendAddressPools", "probes", "loadBalancingRules", "outboundRules"} {
		made[part] = parts(id, part, in.Objects(part), nil)
	}
	if err := innerReferences(req, provider.Inputs(made)); err != nil {
		return result{}, err
	}
	return network(req, id, kindLoadBalancer, balancerName, made)
}

func frontAddresses(req request) error {
	for _, front := range req.Inputs.Objects("frontendIPConfigurations") {
		address, err := need(req, typePublicAddress, front.Object("publicIPAddress").Text("id"))
		if err != nil {
			return err
		}
		if outs(address).Object("sku").Text("name") != "Standard" {
			return fmt.Errorf("DifferentSkuLoadBalancersAndPublicIPAddressNotAllowed: Load balancer %s of the sku Standard needs a public IP address of the same sku, not %s",
				req.Inputs.Text("loadBalancerName"), address.ID)
		}
		if user := usedAddress(req, address.ID); user != "" {
			return fmt.Errorf("PublicIPAddressInUse: Resource %s is referencing public IP address %s that is already allocated to resource %s",
				req.Inputs.Text("loadBalancerName"), address.ID, user)
		}
	}
	return nil
}

// innerReferences refuses an id that the program has built itself and that
// names no part of the balancer.
func innerReferences(req request, made provider.Inputs) error {
	named := map[string]bool{}
	for _, part := range []string{"frontendIPConfigurations", "backendAddressPools", "probes"} {
		for _, p := range made.Objects(part) {
			named[canonical(p.Text("id"))] = true
		}
	}
	for _, rule := range req.Inputs.Objects("loadBalancingRules") {
		refs := []string{rule.Object("frontendIPConfiguration").Text("id"), rulePool(rule), rule.Object("probe").Text("id")}
		if err := allNamed(req, named, rule, refs); err != nil {
			return err
		}
	}
	for _, rule := range req.Inputs.Objects("outboundRules") {
		refs := []string{rule.Object("backendAddressPool").Text("id")}
		for _, front := range rule.Objects("frontendIPConfigurations") {
			refs = append(refs, front.Text("id"))
		}
		if err := allNamed(req, named, rule, refs); err != nil {
			return err
		}
	}
	return nil
}

func allNamed(req request, named map[string]bool, rule provider.Inputs, refs []string) error {
	for _, ref := range refs {
		if !named[canonical(ref)] {
			return fmt.Errorf("rule %s: %w", rule.Text("name"), missing(req, ref))
		}
	}
	return nil
}
