package scorecard

import (
	"fmt"
	"slices"
	"strings"

	"orchard/infra/internal/planned"
)

const (
	templateType     = "aws:ec2/launchTemplate:LaunchTemplate"
	vpcType          = "aws:ec2/vpc:Vpc"
	subnetType       = "aws:ec2/subnet:Subnet"
	defaultGroupType = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
	flowLogType      = "aws:ec2/flowLog:FlowLog"
	endpointType     = "aws:ec2/vpcEndpoint:VpcEndpoint"
)

const accountWide = "It is a setting of the account in a region, which this stack does not change: see docs/decisions."

func ec2() []Row {
	return []Row{
		{ID: "EC2.170", Setting: "launch templates want metadata version 2", Check: every(templateType, is("metadataOptions.httpTokens", "required"), is("metadataOptions.httpPutResponseHopLimit", 1.0))},
		{ID: "EC2.25", Setting: "launch templates give no public address", Check: every(templateType, eachOf("networkInterfaces", "associatePublicIpAddress", "false"))},
		{ID: "EC2.181", Setting: "launch templates encrypt disks", Check: every(templateType, eachOf("blockDeviceMappings", "ebs.encrypted", "true"))},
		{ID: "EC2.2", Setting: "default security groups let nothing through", Check: every(vpcType, owns(defaultGroupType, "vpcId", isEmpty("ingress"), isEmpty("egress")))},
		{ID: "EC2.6", Setting: "networks log flows that were refused", Check: every(vpcType, owns(flowLogType, "vpcId", is("trafficType", "ALL", "REJECT")))},
		{ID: "EC2.7", Setting: "disks are encrypted by default", Check: beyond(accountWide)},
		{ID: "EC2.15", Setting: "subnets give no public addresses", Check: every(subnetType, is("mapPublicIpOnLaunch", false))},
		{ID: "EC2.16", Setting: "no network ACL is unused", Check: all(aclType, given("subnetIds[0]"))},
		{ID: "EC2.17", Setting: "launch templates have one network interface", Check: every(templateType, oneInterface)},
		{ID: "EC2.18", Setting: "the world reaches ports 80 and 443 alone", Check: every(ingressType, openPorts(func(p ports) bool { return p == ports{80, 80} || p == ports{443, 443} }))},
		{ID: "EC2.19", Setting: "the world reaches no port of high risk", Check: every(ingressType, openPorts(func(p ports) bool { return !slices.ContainsFunc(risky, p.hold) }))},
		{ID: "EC2.21", Setting: "network ACLs let the world to neither port 22 nor 3389", Check: both(every(defaultACLType, closedToAdmins), all(aclType, closedToAdmins))},
		{ID: "EC2.10", Setting: "networks have an endpoint for EC2", Check: every(vpcType, endpointFor("ec2"))},
		{ID: "EC2.57", Setting: "networks have an endpoint for Systems Manager (EC2.55, EC2.56, EC2.58 and EC2.60 are of services that the stack does not use)", Check: every(vpcType, endpointFor("ssm"))},
		{ID: "EC2.172", Setting: "networks block public access", Check: beyond(accountWide)},
	}
}

// eachOf wants a property of each element of a list, of which there is one or
// more.
func eachOf(path, property string, wanted any) judge {
	return func(stack planned.Stack, r item) string {
		if len(list(r, path)) == 0 {
			return path + " is empty"
		}
		for i := range list(r, path) {
			if problem := is(fmt.Sprintf("%s[%d].%s", path, i, property), wanted)(stack, r); problem != "" {
				return problem
			}
		}
		return ""
	}
}

func isEmpty(path string) judge {
	return func(_ planned.Stack, r item) string {
		if n := len(list(r, path)); n > 0 {
			return fmt.Sprintf("%s has %d rules", path, n)
		}
		return ""
	}
}

func oneInterface(_ planned.Stack, template item) string {
	if n := len(list(template, "networkInterfaces")); n != 1 {
		return fmt.Sprintf("it has %d", n)
	}
	return ""
}

func endpointFor(service string) judge {
	return func(stack planned.Stack, vpc item) string {
		for _, endpoint := range of(stack, endpointType) {
			if input(endpoint, "vpcId") == vpc.ID && input(endpoint, "vpcEndpointType") == "Interface" && strings.HasSuffix(text(endpoint, "serviceName"), "."+service) {
				return ""
			}
		}
		return "it has no interface endpoint for " + service
	}
}
