package aws

import (
	"fmt"
	"slices"

	"orchard/localcloud/internal/provider"
)

const (
	likeDescription   = `^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]*$`
	sayingDescription = "letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*"
)

func securityTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeDefaultSecurityGroup: {
			Properties: properties{
				"vpcId":               text().Needed().Replaces(),
				"ingress":             noRules(),
				"egress":              noRules(),
				"revokeRulesOnDelete": flag().NoEffect(),
				"tags":                tags(),
			},
			Computed: []string{"arn", "description", "name", "namePrefix", "ownerId", "tagsAll"},
			Moves:    tagsMove(), Compute: computeDefaultSecurityGroup,
		},
		typeSecurityGroup: {
			Properties: properties{
				"name":                name(255, `^([^s]|s[^g]|sg[^-])[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]*$`, "a name that does not begin with sg-"),
				"description":         text().Or("Managed by Pulumi").Replaces().Length(1, 255).Like(likeDescription, sayingDescription),
				"vpcId":               text().Needed().Replaces(),
				"revokeRulesOnDelete": flag().NoEffect(),
				"tags":                tags(),
			},
			Name:     autoName("name", 255),
			Computed: []string{"arn", "ownerId", "tagsAll"},
			Moves:    tagsMove(), Compute: computeSecurityGroup, Leave: leaveSecurityGroup,
		},
		typeIngressRule: ruleType(typeIngressRule),
		typeEgressRule:  ruleType(typeEgressRule),
	}
}

func noRules() provider.Property {
	return provider.List(provider.Object(properties{})).OnlyHere([]any{}, "rules are resources of their own (aws:vpc/securityGroupIngressRule, …EgressRule)")
}

func ruleType(typ string) provider.Type {
	return provider.Type{
		Properties: properties{
			"securityGroupId":           text().Needed().Replaces(),
			"ipProtocol":                text().Needed().OneOf("tcp", "udp", "icmp", "-1"),
			"fromPort":                  integer().Between(-1, 65535),
			"toPort":                    integer().Between(-1, 65535),
			"cidrIpv4":                  text().Like(likeCIDR, sayingCIDR).Not("referencedSecurityGroupId", "prefixListId"),
			"referencedSecurityGroupId": text().Not("prefixListId"),
			"prefixListId":              text(),
			"description":               text().Length(0, 255).Like(likeDescription, sayingDescription),
			"tags":                      tags(),
		},
		Computed: []string{"arn", "securityGroupRuleId", "tagsAll"},
		Moves:    tagsMove(),
		Check:    checkRule,
		Compute:  func(req request) (result, error) { return computeRule(req, typ) },
	}
}

func checkRule(in provider.Inputs) failures {
	if !in.Has("cidrIpv4") && !in.Has("referencedSecurityGroupId") && !in.Has("prefixListId") {
		return refuse("cidrIpv4", "a rule needs a cidrIpv4, a referencedSecurityGroupId or a prefixListId")
	}
	if in.Text("ipProtocol") == "-1" {
		if in.Has("fromPort") || in.Has("toPort") {
			return refuse("fromPort", "may not be given with ipProtocol -1, which is all ports")
		}
		return nil
	}
	if !in.Has("fromPort") || !in.Has("toPort") {
		return refuse("fromPort", "fromPort and toPort are required with ipProtocol %s", in.Text("ipProtocol"))
	}
	if in.Known("fromPort") && in.Known("toPort") && in.Int("fromPort") > in.Int("toPort") {
		return refuse("fromPort", "is %d, above toPort %d", in.Int("fromPort"), in.Int("toPort"))
	}
	return nil
}

func computeDefaultSecurityGroup(req request) (result, error) {
	vpc, err := needVpc(req.World, req.Inputs.Text("vpcId"))
	if err != nil {
		return result{}, err
	}
	id := outs(vpc).Text("defaultSecurityGroupId")
	return answer(req, id, map[string]any{
		"arn": arn("ec2", region(req), "security-group/"+id), "ownerId": Account,
		"name": "default", "namePrefix": "", "description": "default VPC security group",
	}), nil
}

func computeSecurityGroup(req request) (result, error) {
	vpc := req.Inputs.Text("vpcId")
	if _, err := needVpc(req.World, vpc); err != nil {
		return result{}, err
	}
	for _, r := range others(req, typeSecurityGroup) {
		if outs(r).Text("vpcId") == vpc && outs(r).Text("name") == req.Inputs.Text("name") {
			return result{}, fmt.Errorf("InvalidGroup.Duplicate: The security group '%s' already exists for VPC '%s'", req.Inputs.Text("name"), vpc)
		}
	}
	id := newID(req, "sg")
	return answer(req, id, map[string]any{"arn": arn("ec2", region(req), "security-group/"+id), "ownerId": Account}), nil
}

// leaveSecurityGroup refuses while a rule of another group, a load balancer
// or a database names the group.
func leaveSecurityGroup(req request) error {
	id := req.Prev.ID
	for _, r := range req.World.Resources() {
		used := false
		switch r.Type {
		case typeIngressRule, typeEgressRule:
			used = outs(r).Text("referencedSecurityGroupId") == id && outs(r).Text("securityGroupId") != id
		case typeVpcEndpoint:
			used = slices.Contains(outs(r).Texts("securityGroupIds"), id)
		case typeLoadBalancer:
			used = slices.Contains(outs(r).Texts("securityGroups"), id)
		case typeDatabase:
			used = slices.Contains(outs(r).Texts("vpcSecurityGroupIds"), id)
		}
		if used {
			return fmt.Errorf("DependencyViolation: resource %s has a dependent object: %s", id, r.ID)
		}
	}
	return nil
}

func computeRule(req request, typ string) (result, error) {
	if err := needSecurityGroup(req.World, req.Inputs.Text("securityGroupId")); err != nil {
		return result{}, err
	}
	if peer := req.Inputs.Text("referencedSecurityGroupId"); peer != "" {
		if err := needSecurityGroup(req.World, peer); err != nil {
			return result{}, err
		}
	}
	for _, r := range others(req, typ) {
		if sameRule(outs(r), req.Inputs) {
			return result{}, fmt.Errorf("InvalidPermission.Duplicate: the specified rule %q already exists", describeRule(req.Inputs))
		}
	}
	id := newID(req, "sgr")
	return answer(req, id, map[string]any{
		"arn": arn("ec2", region(req), "security-group-rule/"+id), "securityGroupRuleId": id,
	}), nil
}

func sameRule(a, b provider.Inputs) bool {
	for _, property := range []string{"securityGroupId", "ipProtocol", "cidrIpv4", "referencedSecurityGroupId", "prefixListId"} {
		if a.Text(property) != b.Text(property) {
			return false
		}
	}
	return a.Int("fromPort") == b.Int("fromPort") && a.Int("toPort") == b.Int("toPort")
}

func describeRule(in provider.Inputs) string {
	peer := in.Text("cidrIpv4") + in.Text("referencedSecurityGroupId") + in.Text("prefixListId")
	return fmt.Sprintf("peer: %s, %s, from port: %d, to port: %d, ALLOW", peer, in.Text("ipProtocol"), in.Int("fromPort"), in.Int("toPort"))
}
