package azure

import (
	"fmt"

	"orchard/localcloud/internal/provider"
)

const kindSecurityGroup = "Microsoft.Network/networkSecurityGroups"

func securityTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeSecurityGroup: {
			Properties: securityGroupProperties(),
			Name:       autoName("networkSecurityGroupName", 80),
			Computed:   networkOutputs("defaultSecurityRules", "flowLogs", "networkInterfaces", "securityRules", "subnets"),
			Moves:      networkMoves(securityGroupProperties()),
			Check:      checkSecurityGroup, Compute: computeSecurityGroup, Leave: leaveUsed(securityUsers),
		},
	}
}

func securityGroupProperties() properties {
	return at(properties{
		"networkSecurityGroupName": networkName(1, 80),
		"flushConnection":          flag().NoEffect(),
		"securityRules":            list(securityRule()).Length(0, 1000),
	})
}

func securityRule() provider.Property {
	const (
		likePort     = `^(\*|\d{1,5}(-\d{1,5})?)$`
		sayingPort   = "a port, a range such as 1024-65535, or *"
		likePrefix   = `^(\*|[A-Za-z][A-Za-z0-9.]*|\d{1,3}(\.\d{1,3}){3}(/\d{1,2})?)$`
		sayingPrefix = "an IPv4 range, a service tag such as VirtualNetwork, or *"
	)
	prefix := func() provider.Property { return text().Like(likePrefix, sayingPrefix) }
	port := func() provider.Property { return text().Like(likePort, sayingPort) }
	return object(properties{
		"name":                       partName(),
		"description":                text().Length(0, 140).NoEffect(),
		"priority":                   integer().Needed().Between(100, 4096),
		"direction":                  text().Needed().OneOf("Inbound", "Outbound"),
		"access":                     text().Needed().OneOf("Allow", "Deny"),
		"protocol":                   text().Needed().OneOf("Tcp", "Udp", "Icmp", "Esp", "Ah", "*"),
		"sourceAddressPrefix":        prefix().Not("sourceAddressPrefixes"),
		"sourceAddressPrefixes":      list(prefix()).Length(1, 0),
		"sourcePortRange":            port().Not("sourcePortRanges"),
		"sourcePortRanges":           list(port()).Length(1, 0),
		"destinationAddressPrefix":   prefix().Not("destinationAddressPrefixes"),
		"destinationAddressPrefixes": list(prefix()).Length(1, 0),
		"destinationPortRange":       port().Not("destinationPortRanges"),
		"destinationPortRanges":      list(port()).Length(1, 0),
	}).Makes("id", "etag", "provisioningState")
}

func checkSecurityGroup(in provider.Inputs) failures {
	names, priorities := map[string]bool{}, map[string]string{}
	for i, rule := range in.Objects("securityRules") {
		at := fmt.Sprintf("securityRules[%d]", i)
		for _, pair := range [][2]string{
			{"sourceAddressPrefix", "sourceAddressPrefixes"},
			{"sourcePortRange", "sourcePortRanges"},
			{"destinationAddressPrefix", "destinationAddressPrefixes"},
			{"destinationPortRange", "destinationPortRanges"},
		} {
			if !rule.Has(pair[0]) && !rule.Has(pair[1]) {
				return refuse(at+"."+pair[0], "is required and missing")
			}
		}
		slot := fmt.Sprint(rule.Text("direction"), " ", rule.Int("priority"))
		if other, taken := priorities[slot]; taken && rule.Known("priority") && rule.Known("direction") {
			return refuse(at+".priority", "is %d, which the rule %s of the same direction has", rule.Int("priority"), other)
		}
		if rule.Known("name") && names[rule.Text("name")] {
			return refuse(at+".name", "%q is there twice", rule.Text("name"))
		}
		names[rule.Text("name")], priorities[slot] = true, rule.Text("name")
	}
	return nil
}

func computeSecurityGroup(req request) (result, error) {
	groupName := req.Inputs.Text("networkSecurityGroupName")
	id, err := inGroup(req, kindSecurityGroup, groupName)
	if err != nil {
		return result{}, err
	}
	return network(req, id, kindSecurityGroup, groupName, map[string]any{
		"securityRules":        parts(id, "securityRules", req.Inputs.Objects("securityRules"), nil),
		"defaultSecurityRules": parts(id, "defaultSecurityRules", defaultRules, nil),
		"flowLogs":             []any{}, "networkInterfaces": []any{}, "subnets": []any{},
	})
}

// defaultRules are those of every security group.
var defaultRules = []provider.Inputs{
	defaultRule("AllowVnetInBound", 65000, "Inbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
	defaultRule("AllowAzureLoadBalancerInBound", 65001, "Inbound", "Allow", "AzureLoadBalancer", "*"),
	defaultRule("DenyAllInBound", 65500, "Inbound", "Deny", "*", "*"),
	defaultRule("AllowVnetOutBound", 65000, "Outbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
	defaultRule("AllowInternetOutBound", 65001, "Outbound", "Allow", "*", "Internet"),
	defaultRule("DenyAllOutBound", 65500, "Outbound", "Deny", "*", "*"),
}

func defaultRule(name string, priority float64, direction, access, source, destination string) provider.Inputs {
	return provider.Inputs{
		"name": name, "priority": priority, "direction": direction, "access": access, "protocol": "*",
		"sourceAddressPrefix": source, "sourcePortRange": "*", "destinationAddressPrefix": destination, "destinationPortRange": "*",
	}
}
