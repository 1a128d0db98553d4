package aws

import (
	"fmt"
	"slices"
	"strings"

	"orchard/localcloud/internal/provider"
)

const (
	likeBalancerName   = `^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$`
	sayingBalancerName = "letters, digits and hyphens, no hyphen first or last"
)

func balancerTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeLoadBalancer: {
			Properties: properties{
				"name":                     name(32, likeBalancerName, sayingBalancerName),
				"loadBalancerType":         text().Or("application").Replaces().OnlyHere("application", "it has application load balancers only"),
				"internal":                 flag().Or(false).Replaces(),
				"ipAddressType":            text().Or("ipv4").OnlyHere("ipv4", noIPv6),
				"subnets":                  texts().Needed().Length(1, 0),
				"securityGroups":           texts(),
				"idleTimeout":              integer().Or(60.0).Between(1, 4000),
				"clientKeepAlive":          integer().Or(3600.0).Between(60, 604800).NoEffect(),
				"desyncMitigationMode":     text().OneOf("monitor", "defensive", "strictest").Or("defensive").NoEffect(),
				"dropInvalidHeaderFields":  flag().Or(false).NoEffect(),
				"enableDeletionProtection": flag().Or(false),
				"enableHttp2":              flag().Or(true).NoEffect(),
				"enableZonalShift":         flag().Or(false).NoEffect(),
				"preserveHostHeader":       flag().Or(false).OnlyHere(false, "its load balancer sets the header"),
				"xffHeaderProcessingMode":  text().Or("append").OnlyHere("append", "its load balancer appends"),
				"enableXffClientPort":      flag().Or(false).OnlyHere(false, "its load balancer appends the address alone"),
				"accessLogs": provider.Object(properties{
					"bucket": text().Needed(), "enabled": flag().Or(false), "prefix": text(),
				}),
				"tags": tags(),
			},
			Name:     autoName("name", 32),
			Computed: []string{"arn", "arnSuffix", "dnsName", "securityGroups", "tagsAll", "vpcId", "zoneId"},
			Moves:    tagsMove(), Compute: computeLoadBalancer, Leave: leaveLoadBalancer,
		},
		typeTargetGroup: targetGroupType(),
		typeListener:    listenerType(),
	}
}

func computeLoadBalancer(req request) (result, error) {
	in := req.Inputs
	vpc, err := balancerNetwork(req)
	if err != nil {
		return result{}, err
	}
	if err := needSecurityGroups(req.World, in.Texts("securityGroups")); err != nil {
		return result{}, err
	}
	for _, r := range others(req, typeLoadBalancer) {
		if outs(r).Text("name") == in.Text("name") {
			return result{}, fmt.Errorf("DuplicateLoadBalancerName: A load balancer with the same name '%s' exists, but with different settings", in.Text("name"))
		}
	}
	if logs := in.Object("accessLogs"); logs.Flag("enabled") && !logsMayGo(req.World, logs.Text("bucket"), "logdelivery.elasticloadbalancing.amazonaws.com") {
		return result{}, fmt.Errorf("InvalidConfigurationRequest: Access Denied for bucket: %s. Please check S3bucket permission: make the load balancer depend on the bucket's policy", logs.Text("bucket"))
	}
	id := keptID(req, func() string {
		return arn("elasticloadbalancing", region(req), "loadbalancer/app/"+in.Text("name")+"/"+hexes(16))
	})
	address, err := req.World.Host("balancer", id)
	if err != nil {
		return result{}, err
	}
	out := answer(req, id, map[string]any{
		"arn": id, "arnSuffix": arnSuffix(id), "dnsName": address, "vpcId": vpc,
		"zoneId": "Z" + strings.ToUpper(provider.Digest("elb" + region(req))[:13]),
	})
	if !in.Has("securityGroups") {
		network, _ := found(req.World, typeVpc, vpc)
		out.Outputs["securityGroups"] = []any{outs(network).Text("defaultSecurityGroupId")}
	}
	return out, nil
}

// arnSuffix is the part of an ARN by which CloudWatch knows a load balancer
// (app/…) or a target group (targetgroup/…).
func arnSuffix(arn string) string {
	rest := arn[strings.LastIndex(arn, ":")+1:]
	return strings.TrimPrefix(rest, "loadbalancer/")
}

// balancerNetwork checks a load balancer's subnets and tells their network.
func balancerNetwork(req request) (vpc string, err error) {
	var zones []string
	for _, id := range req.Inputs.Texts("subnets") {
		subnet, err := needSubnet(req.World, id)
		if err != nil {
			return "", err
		}
		vpc = outs(subnet).Text("vpcId")
		zone := outs(subnet).Text("availabilityZone")
		if slices.Contains(zones, zone) {
			return "", fmt.Errorf("InvalidConfigurationRequest: A load balancer cannot be attached to multiple subnets in the same Availability Zone")
		}
		zones = append(zones, zone)
	}
	if len(zones) < 2 {
		return "", fmt.Errorf("ValidationError: At least two subnets in two different Availability Zones must be specified")
	}
	if _, ok := internetGateway(req.World, vpc); !ok && !req.Inputs.Flag("internal") {
		return "", fmt.Errorf("InvalidSubnet: VPC %s has no internet gateway", vpc)
	}
	return vpc, nil
}

func leaveLoadBalancer(req request) error {
	if req.Inputs.Flag("enableDeletionProtection") {
		return fmt.Errorf("OperationNotPermitted: Load balancer '%s' cannot be deleted because deletion protection is enabled", req.Prev.ID)
	}
	return nil
}
