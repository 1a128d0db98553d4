package awsstack

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// A network ACL keeps no track of connections, so answers need a rule. They go
// to the ports from which load balancers, NAT gateways and Linux open
// connections; that of RDP is left out, which no answer is worth. Below the
// ports that services listen on, nothing but a listener is open.
var answerPorts = [][2]int{{1024, 3388}, {3390, 65535}}

// aclRule lets TCP from a range of addresses to ports.
type aclRule struct {
	cidr     string
	from, to int
}

// fromWorld is answers from anywhere, and the ports of listeners.
func fromWorld(listeners ...int) []aclRule {
	var rules []aclRule
	for _, port := range listeners {
		rules = append(rules, aclRule{anywhere, port, port})
	}
	for _, ports := range answerPorts {
		rules = append(rules, aclRule{anywhere, ports[0], ports[1]})
	}
	return rules
}

// closeDefaultACL leaves the ACL that a network comes with empty: each tier
// has its own. The subnets that it has until then are not its own to name.
func (n *network) closeDefaultACL(s scope) error {
	_, err := ec2.NewDefaultNetworkAcl(s.Context, "closed", &ec2.DefaultNetworkAclArgs{
		DefaultNetworkAclId: n.vpc.DefaultNetworkAclId,
		Tags:                s.named("closed"),
	}, s.on, pulumi.IgnoreChanges([]string{"subnetIds"}))
	return err
}

// declareACLs guards each tier: the public one lets clients in, the
// application's nothing that it has not asked for, the database's nothing
// from outside the network.
func (n *network) declareACLs(s scope, listener, database int) error {
	whole := aclRule{n.cidr, 0, 65535}
	for _, tier := range []struct {
		name   string
		subnet func(zoneNetwork) *ec2.Subnet
		in     []aclRule
	}{
		{"public", publicSubnet, append(fromWorld(listener), whole)},
		{"app", appSubnet, append(fromWorld(), whole)},
		{"database", databaseSubnet, []aclRule{{n.cidr, database, database}}},
	} {
		if err := n.declareACL(s, tier.name, n.subnetIDs(tier.subnet), tier.in); err != nil {
			return err
		}
	}
	return nil
}

// declareACL lets out everything. What may come in is TCP, and the message
// that a packet was too large.
func (n *network) declareACL(s scope, name string, subnets pulumi.StringArray, in []aclRule) error {
	ingress := ec2.NetworkAclIngressArray{ec2.NetworkAclIngressArgs{
		RuleNo: pulumi.Int(90), Action: pulumi.String("allow"), Protocol: pulumi.String("icmp"), CidrBlock: pulumi.String(anywhere),
		FromPort: pulumi.Int(0), ToPort: pulumi.Int(0), IcmpType: pulumi.Int(3), IcmpCode: pulumi.Int(4),
	}}
	for i, rule := range in {
		ingress = append(ingress, ec2.NetworkAclIngressArgs{
			RuleNo: pulumi.Int(100 + 10*i), Action: pulumi.String("allow"), Protocol: pulumi.String("tcp"),
			CidrBlock: pulumi.String(rule.cidr), FromPort: pulumi.Int(rule.from), ToPort: pulumi.Int(rule.to),
		})
	}
	acl, err := ec2.NewNetworkAcl(s.Context, name, &ec2.NetworkAclArgs{
		VpcId:     n.vpc.ID(),
		SubnetIds: subnets,
		Ingress:   ingress,
		Egress: ec2.NetworkAclEgressArray{ec2.NetworkAclEgressArgs{
			RuleNo: pulumi.Int(100), Action: pulumi.String("allow"), Protocol: pulumi.String("-1"),
			CidrBlock: pulumi.String(anywhere), FromPort: pulumi.Int(0), ToPort: pulumi.Int(0),
		}},
		Tags: s.named(name),
	}, s.on)
	n.egress = append(n.egress, acl)
	return err
}
