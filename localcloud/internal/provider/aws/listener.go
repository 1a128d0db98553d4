package aws

import (
	"fmt"
	"strings"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// defaultTLSPolicy is what the provider names where the program does not: the
// oldest of AWS's policies.
const defaultTLSPolicy = "ELBSecurityPolicy-2016-08"

// likeCertificate is the ARN of a certificate of ACM.
const likeCertificate = `^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[A-Za-z0-9-]+$`

// listenerType has no certificate of its own: localcloud makes one at the
// start, whichever a program names. The policy has no effect, as the versions
// and ciphers of TLS are those of localcloud.
func listenerType() provider.Type {
	return provider.Type{
		Properties: properties{
			"loadBalancerArn": text().Needed().Replaces(),
			"port":            integer().Needed().Between(1, 65535),
			"protocol":        text().Or("HTTP").OneOf("HTTP", "HTTPS"),
			"certificateArn":  text().Like(likeCertificate, "the ARN of a certificate of ACM"),
			"sslPolicy":       text().Like(`^ELBSecurityPolicy-[A-Za-z0-9-]+$`, "the name of a policy such as ELBSecurityPolicy-TLS13-1-2-2021-06").NoEffect(),
			"defaultActions": provider.List(provider.Object(properties{
				"type":           text().Needed().OnlyHere("forward", "its listeners lead to target groups"),
				"targetGroupArn": text().Needed(),
				"order":          integer().Between(1, 50000).NoEffect(),
			})).Needed().Length(1, 1),
			"tags": tags(),
		},
		Computed: []string{"arn", "sslPolicy", "tagsAll"},
		Moves:    map[string][]string{"tagsAll": {"tags"}, "sslPolicy": {"protocol"}},
		Check:    checkListener, Compute: computeListener,
	}
}

func checkListener(in provider.Inputs) failures {
	switch in.Text("protocol") {
	case "HTTPS":
		if !in.Has("certificateArn") {
			return refuse("certificateArn", "is required and missing: the protocol is HTTPS")
		}
	case "HTTP":
		for _, property := range []string{"certificateArn", "sslPolicy"} {
			if in.Has(property) {
				return refuse(property, "may not be given with the protocol HTTP")
			}
		}
	}
	return nil
}

func computeListener(req request) (result, error) {
	in := req.Inputs
	balancer, ok := found(req.World, typeLoadBalancer, in.Text("loadBalancerArn"))
	if !ok {
		return result{}, fmt.Errorf("LoadBalancerNotFound: Load balancer '%s' not found", in.Text("loadBalancerArn"))
	}
	if certificate := in.Text("certificateArn"); certificate != "" && strings.Split(certificate, ":")[3] != region(req) {
		return result{}, fmt.Errorf("CertificateNotFound: Certificate '%s' not found: it must be in the region %s of its listener", certificate, region(req))
	}
	if err := listenerTargets(req, balancer); err != nil {
		return result{}, err
	}
	for _, r := range others(req, typeListener) {
		if outs(r).Text("loadBalancerArn") == balancer.ID && outs(r).Int("port") == in.Int("port") {
			return result{}, fmt.Errorf("DuplicateListener: A listener already exists on this port for this load balancer '%s'", balancer.ID)
		}
	}
	id := keptID(req, func() string {
		return strings.Replace(balancer.ID, ":loadbalancer/", ":listener/", 1) + "/" + hexes(16)
	})
	outputs := map[string]any{"arn": id}
	if !in.Has("sslPolicy") {
		outputs["sslPolicy"] = ""
		if in.Text("protocol") == "HTTPS" {
			outputs["sslPolicy"] = defaultTLSPolicy
		}
	}
	return answer(req, id, outputs), nil
}

func listenerTargets(req request, balancer world.Resource) error {
	for _, action := range req.Inputs.Objects("defaultActions") {
		group, ok := found(req.World, typeTargetGroup, action.Text("targetGroupArn"))
		if !ok {
			return fmt.Errorf("TargetGroupNotFound: One or more target groups not found: %s", action.Text("targetGroupArn"))
		}
		if outs(group).Text("vpcId") != outs(balancer).Text("vpcId") {
			return fmt.Errorf("InvalidConfigurationRequest: The following target groups are not in the same VPC as the load balancer: %s", group.ID)
		}
	}
	return nil
}
