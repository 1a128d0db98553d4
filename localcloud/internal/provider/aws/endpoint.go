package aws

import (
	"fmt"
	"strings"

	"orchard/localcloud/internal/provider"
)

// interfaces are the services that an endpoint of the kind Interface may lead
// to. It is recorded: what instances ask of these services is answered with
// and without one.
var interfaces = []string{
	"autoscaling", "ec2", "ec2messages", "kms", "logs", "monitoring", "rds", "secretsmanager", "ssm", "ssmmessages", "sts",
}

func checkVpcEndpoint(in provider.Inputs) failures {
	kind, wrong := in.Text("vpcEndpointType"), []string{"subnetIds", "securityGroupIds", "privateDnsEnabled"}
	if kind == "Interface" {
		wrong = []string{"routeTableIds"}
	}
	for _, property := range wrong {
		if in.Has(property) {
			return refuse(property, "may not be given with the type %s", kind)
		}
	}
	return nil
}

func computeVpcEndpoint(req request) (result, error) {
	vpc, err := needVpc(req.World, req.Inputs.Text("vpcId"))
	if err != nil {
		return result{}, err
	}
	service := req.Inputs.Text("serviceName")
	if err := endpointService(service, req.Inputs.Text("vpcEndpointType"), region(req)); err != nil {
		return result{}, err
	}
	if err := needInterfaces(req, outs(vpc)); err != nil {
		return result{}, err
	}
	for _, id := range req.Inputs.Texts("routeTableIds") {
		if _, err := needRouteTable(req.World, id); err != nil {
			return result{}, err
		}
	}
	id := newID(req, "vpce")
	return answer(req, id, map[string]any{
		"arn": arn("ec2", region(req), "vpc-endpoint/"+id), "ownerId": Account, "state": "available", "requesterManaged": false,
		"prefixListId": "pl-" + provider.Digest(service)[:8],
		"cidrBlocks":   []any{"198.51.100.0/24"}, // reserved for documentation
		"dnsEntries":   []any{}, "networkInterfaceIds": []any{},
		"policy": `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`,
	}), nil
}

// endpointService refuses services that localcloud does not know for a kind of
// endpoint.
func endpointService(service, kind, region string) error {
	names := []string{"s3"}
	if kind == "Interface" {
		names = interfaces
	}
	for _, name := range names {
		if service == "com.amazonaws."+region+"."+name {
			return nil
		}
	}
	return fmt.Errorf("InvalidServiceName: The Vpc Endpoint Service '%s' does not exist; localcloud has com.amazonaws.%s.(%s) of the type %s", service, region, strings.Join(names, "|"), kind)
}

// needInterfaces refuses subnets and security groups that are not there, and
// private names in a network that has none.
func needInterfaces(req request, vpc provider.Inputs) error {
	if err := needSecurityGroups(req.World, req.Inputs.Texts("securityGroupIds")); err != nil {
		return err
	}
	if err := subnetsIn(req, req.Inputs.Text("vpcId")); err != nil {
		return err
	}
	if req.Inputs.Flag("privateDnsEnabled") && !(vpc.Flag("enableDnsSupport") && vpc.Flag("enableDnsHostnames")) {
		return fmt.Errorf("InvalidParameter: Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for %s", req.Inputs.Text("vpcId"))
	}
	return nil
}
