package scorecard

import (
	"fmt"
	"slices"

	"orchard/infra/internal/planned"
)

const (
	ingressType    = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	aclType        = "aws:ec2/networkAcl:NetworkAcl"
	defaultACLType = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
)

// ports is a range, both ends included.
type ports struct{ from, to float64 }

// allPorts are those of a rule that names none.
var allPorts = ports{0, 65535}

func (p ports) hold(port float64) bool { return p.from <= port && port <= p.to }

// risky are the ports that EC2.19 lists.
var risky = []float64{
	20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088, 8888, 9200, 9300,
}

var world = []any{"0.0.0.0/0", "::/0"}

// openPorts judges the ports of a security group's rule that is open to the
// world.
func openPorts(may func(ports) bool) judge {
	return func(_ planned.Stack, rule item) string {
		if !slices.Contains(world, input(rule, "cidrIpv4")) && !slices.Contains(world, input(rule, "cidrIpv6")) {
			return ""
		}
		if open := portsOf(rule, "", input(rule, "ipProtocol")); !may(open) {
			return fmt.Sprintf("it is open to the world on the ports %v to %v", open.from, open.to)
		}
		return ""
	}
}

// portsOf reads a rule's range, below a path that is empty or ends with a dot.
func portsOf(r item, below string, protocol any) ports {
	from, ok := input(r, below+"fromPort").(float64)
	to, _ := input(r, below+"toPort").(float64)
	if !ok || protocol == "-1" {
		return allPorts
	}
	return ports{from, to}
}

// closedToAdmins finds a rule of a network ACL that lets the world to the
// ports of SSH and RDP.
func closedToAdmins(_ planned.Stack, acl item) string {
	for i := range list(acl, "ingress") {
		below := fmt.Sprintf("ingress[%d].", i)
		if input(acl, below+"action") != "allow" || !slices.Contains(world, input(acl, below+"cidrBlock")) && !slices.Contains(world, input(acl, below+"ipv6CidrBlock")) {
			continue
		}
		open := portsOf(acl, below, input(acl, below+"protocol"))
		if open.hold(22) || open.hold(3389) {
			return fmt.Sprintf("its rule %v lets the world to the ports %v to %v", input(acl, below+"ruleNo"), open.from, open.to)
		}
	}
	return ""
}
