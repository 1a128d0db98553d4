package aws_test

import (
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"orchard/localcloud/internal/provider/providertest"
)

const aclAssociationType = "aws:ec2/networkAclAssociation:NetworkAclAssociation"

// aclRule is a rule of its own that is right, but for one property.
func aclRule(key string, value any) map[string]any {
	in := map[string]any{
		"networkAclId": "acl-1", "ruleNumber": 100.0, "ruleAction": "allow", "protocol": "tcp", "cidrBlock": "10.0.0.0/16",
		"fromPort": 443.0, "toPort": 443.0,
	}
	if value == nil {
		delete(in, key)
		return in
	}
	in[key] = value
	return in
}

func withEntries(entries ...any) map[string]any {
	return map[string]any{"vpcId": "vpc-1", "ingress": entries}
}

func TestCheckOfNetworkACLs(t *testing.T) {
	t.Parallel()
	c := providertest.Connect(t, serve(t, newWorld()), inFrankfurt)
	for name, test := range map[string]struct {
		typ  string
		in   map[string]any
		want string // "" accepts
	}{
		"rule":                  {aclRuleType, aclRule("egress", true), ""},
		"rule for all":          {aclRuleType, aclRule("protocol", "-1"), ""},
		"entries":               {aclType, withEntries(entry(1, "deny", "all", "0.0.0.0/0", 0, 0), entry(2, "allow", "6", "0.0.0.0/0", 1, 2)), ""},
		"number too high":       {aclRuleType, aclRule("ruleNumber", 32767.0), "ruleNumber: is 32767, must be from 1 to 32766"},
		"action":                {aclRuleType, aclRule("ruleAction", "drop"), "ruleAction: is \"drop\", must be one of"},
		"protocol":              {aclRuleType, aclRule("protocol", "sctp"), "protocol: is \"sctp\""},
		"no range":              {aclRuleType, aclRule("cidrBlock", nil), "cidrBlock: is required"},
		"IPv6":                  {aclRuleType, aclRule("ipv6CidrBlock", "::/0"), "ipv6CidrBlock: localcloud does not know this property"},
		"no ports":              {aclRuleType, aclRule("toPort", nil), "fromPort and toPort are required with protocol tcp"},
		"ports the wrong way":   {aclRuleType, aclRule("fromPort", 500.0), "fromPort: is 500, above toPort 443"},
		"entries of one number": {aclType, withEntries(entry(1, "deny", "6", "0.0.0.0/0", 1, 1), entry(1, "allow", "6", "0.0.0.0/0", 2, 2)), "ruleNo: is 1, which another rule"},
		"ports of all":          {aclType, withEntries(entry(1, "deny", "-1", "0.0.0.0/0", 0, 65535)), "must both be 0 with protocol -1"},
	} {
		got := c.Reasons(test.typ, "app", test.in)
		if test.want == "" && len(got) > 0 || test.want != "" && (len(got) == 0 || !strings.Contains(got[0], test.want)) {
			t.Errorf("%s: Check = %q, want %q", name, got, test.want)
		}
	}
}

func TestCreateOfNetworkACLs(t *testing.T) {
	t.Parallel()
	w := smallWorld()
	for _, r := range w.Have {
		if r.Type == "aws:ec2/vpc:Vpc" {
			r.Outputs["defaultNetworkAclId"] = "acl-default"
		}
	}
	w.Have = append(w.Have,
		record(aclType, "acl-1", map[string]any{"vpcId": "vpc-1"}),
		record(aclRuleType, "nacl-1", aclRule("ruleNumber", 7.0)),
		record("aws:ec2/vpc:Vpc", "vpc-2", map[string]any{"cidrBlock": "10.1.0.0/16"}),
		record(aclType, "acl-2", map[string]any{"vpcId": "vpc-2"}))
	c := providertest.Connect(t, serve(t, w), inFrankfurt)
	associate := func(acl, subnet string) map[string]any {
		return map[string]any{"networkAclId": acl, "subnetId": subnet}
	}
	for name, test := range map[string]struct {
		typ  string
		in   map[string]any
		want string
	}{
		"network not there": {aclType, map[string]any{"vpcId": "vpc-9"}, "InvalidVpcID.NotFound"},
		"subnet not there":  {aclType, map[string]any{"vpcId": "vpc-1", "subnetIds": []any{"subnet-9"}}, "InvalidSubnetID.NotFound"},
		"subnet elsewhere":  {aclType, map[string]any{"vpcId": "vpc-2", "subnetIds": []any{"subnet-a"}}, "is not in the network vpc-2"},
		"no default ACL":    {defaultAclType, map[string]any{"defaultNetworkAclId": "acl-1x"}, "InvalidNetworkAclID.NotFound"},
		"rule of nothing":   {aclRuleType, aclRule("networkAclId", "acl-9"), "InvalidNetworkAclID.NotFound"},
		"number taken":      {aclRuleType, aclRule("ruleNumber", 7.0), "NetworkAclEntryAlreadyExists"},
		"associated abroad": {aclAssociationType, associate("acl-2", "subnet-a"), "is not in the network vpc-2"},
		"associated":        {aclAssociationType, associate("acl-1", "subnet-a"), ""},
		"default, adopted":  {defaultAclType, map[string]any{"defaultNetworkAclId": "acl-default"}, ""},
		"rule of default":   {aclRuleType, aclRule("networkAclId", "acl-default"), ""},
		"number, other way": {aclRuleType, aclRule("egress", true), ""},
	} {
		checked := c.MustCheck(test.typ, name, nil, test.in)
		_, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: providertest.URN(test.typ, name), Properties: c.Pack(checked)})
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: Create error = %v, want %q", name, err, test.want)
		}
	}
}
