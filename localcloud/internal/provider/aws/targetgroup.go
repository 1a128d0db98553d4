package aws

import (
	"fmt"

	"orchard/localcloud/internal/provider"
)

func targetGroupType() provider.Type {
	return provider.Type{
		Properties: properties{
			"name":                          name(32, likeBalancerName, sayingBalancerName),
			"vpcId":                         text().Needed().Replaces(),
			"port":                          integer().Needed().Replaces().Between(1, 65535),
			"protocol":                      text().Needed().Replaces().OneOf("HTTP", "HTTPS"),
			"protocolVersion":               text().Or("HTTP1").Replaces().OnlyHere("HTTP1", "its load balancer speaks HTTP/1.1 to targets"),
			"targetType":                    text().Or("instance").Replaces().OnlyHere("instance", "scaling groups register instances"),
			"ipAddressType":                 text().Or("ipv4").Replaces().OnlyHere("ipv4", noIPv6),
			"deregistrationDelay":           integer().Or(300.0).Between(0, 3600),
			"loadBalancingAlgorithmType":    text().Or("round_robin").OneOf("round_robin", "least_outstanding_requests", "weighted_random").Like(`^(round_robin|least_outstanding_requests)$`, "round_robin or least_outstanding_requests: localcloud takes no target at random"),
			"loadBalancingCrossZoneEnabled": text().Or("use_load_balancer_configuration").OneOf("true", "false", "use_load_balancer_configuration"),
			"slowStart":                     integer().Or(0.0).OnlyHere(0.0, "its load balancer gives a new target its full share"),
			"healthCheck":                   healthCheck(),
			"tags":                          tags(),
		},
		Name:     autoName("name", 32),
		Computed: []string{"arn", "arnSuffix", "loadBalancerArns", "tagsAll"},
		Moves:    tagsMove(), Check: checkTargetGroup, Compute: computeTargetGroup, Leave: leaveTargetGroup,
	}
}

// healthCheck has the Terraform provider's defaults: thresholds of 3 where
// AWS itself has 5 and 2.
func healthCheck() provider.Property {
	return provider.Object(properties{
		"enabled":            flag().Or(true).OnlyHere(true, "targets are instances, which AWS always checks"),
		"protocol":           text().Or("HTTP").OneOf("HTTP", "HTTPS"),
		"port":               text().Or("traffic-port").Like(`^(traffic-port|\d{1,5})$`, "a port or traffic-port"),
		"path":               text().Or("/").Length(1, 1024).Like(`^/`, "a path that begins with /"),
		"matcher":            text().Or("200").Like(`^[2-4]\d\d(-[2-4]\d\d)?(,[2-4]\d\d(-[2-4]\d\d)?)*$`, "status codes from 200 to 499 such as 200, 200,202 or 200-299"),
		"interval":           integer().Or(30.0).Between(5, 300),
		"timeout":            integer().Or(5.0).Between(2, 120),
		"healthyThreshold":   integer().Or(3.0).Between(2, 10),
		"unhealthyThreshold": integer().Or(3.0).Between(2, 10),
	}).Or(map[string]any{})
}

func checkTargetGroup(in provider.Inputs) failures {
	check := in.Object("healthCheck")
	if check.Known("interval") && check.Known("timeout") && check.Int("timeout") >= check.Int("interval") {
		return refuse("healthCheck.timeout", "is %d, must be smaller than the interval %d", check.Int("timeout"), check.Int("interval"))
	}
	return nil
}

func computeTargetGroup(req request) (result, error) {
	in := req.Inputs
	if _, err := needVpc(req.World, in.Text("vpcId")); err != nil {
		return result{}, err
	}
	for _, r := range others(req, typeTargetGroup) {
		if outs(r).Text("name") == in.Text("name") {
			return result{}, fmt.Errorf("DuplicateTargetGroupName: A target group with the same name '%s' exists, but with different settings", in.Text("name"))
		}
	}
	id := keptID(req, func() string {
		return arn("elasticloadbalancing", region(req), "targetgroup/"+in.Text("name")+"/"+hexes(16))
	})
	return answer(req, id, map[string]any{
		"arn": id, "arnSuffix": arnSuffix(id), "loadBalancerArns": []any{},
	}), nil
}

// leaveTargetGroup refuses while a listener leads to the group.
func leaveTargetGroup(req request) error {
	for _, listener := range each(req.World.Resources(), typeListener) {
		for _, action := range outs(listener).Objects("defaultActions") {
			if action.Text("targetGroupArn") == req.Prev.ID {
				return fmt.Errorf("ResourceInUse: Target group '%s' is currently in use by a listener or a rule", req.Prev.ID)
			}
		}
	}
	return nil
}
