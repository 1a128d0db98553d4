package scorecard

import (
	"fmt"

	"orchard/infra/internal/planned"
)

const (
	loadBalancerType = "aws:lb/loadBalancer:LoadBalancer"
	listenerType     = "aws:lb/listener:Listener"
	targetGroupType  = "aws:lb/targetGroup:TargetGroup"
)

// tlsPolicies are those that ELB.17 lists and this program may choose: TLS
// 1.3, or 1.2 with forward secrecy and authenticated encryption alone.
var tlsPolicies = []any{"ELBSecurityPolicy-TLS13-1-3-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"}

func elb() []Row {
	return []Row{
		{ID: "ELB.1", Setting: "no listener answers plain HTTP but with a redirect", Check: every(listenerType, onlyRedirects)},
		{ID: "ELB.4", Setting: "load balancers drop invalid headers", Check: every(loadBalancerType, is("dropInvalidHeaderFields", true))},
		{ID: "ELB.5", Setting: "load balancers log requests", Check: every(loadBalancerType, is("accessLogs.enabled", true), given("accessLogs.bucket"))},
		{ID: "ELB.6", Setting: "load balancers are protected from deletion", Check: every(loadBalancerType, is("enableDeletionProtection", true))},
		{ID: "ELB.12", Setting: "load balancers refuse ambiguous requests", Check: every(loadBalancerType, is("desyncMitigationMode", "defensive", "strictest"))},
		{ID: "ELB.13", Setting: "load balancers are in two zones or more", Check: every(loadBalancerType, spread("subnets"))},
		{ID: "ELB.17", Setting: "listeners take strong ciphers alone", Check: every(listenerType, is("sslPolicy", tlsPolicies...))},
		{ID: "ELB.18", Setting: "listeners speak HTTPS", Check: every(listenerType, is("protocol", "HTTPS"))},
		{ID: "ELB.21", Setting: "health checks are encrypted", Check: every(targetGroupType, is("healthCheck.protocol", "HTTPS"))},
		{ID: "ELB.22", Setting: "requests to targets are encrypted", Check: every(targetGroupType, is("protocol", "HTTPS"))},
	}
}

func onlyRedirects(_ planned.Stack, listener item) string {
	if input(listener, "protocol") != "HTTP" {
		return ""
	}
	for i := range list(listener, "defaultActions") {
		if kind := input(listener, fmt.Sprintf("defaultActions[%d].type", i)); kind != "redirect" {
			return fmt.Sprintf("it speaks HTTP and its action is %v", kind)
		}
	}
	return ""
}

// spread wants a list of subnets to be in two zones or more.
func spread(path string) judge {
	return func(stack planned.Stack, r item) string {
		zones := map[any]bool{}
		for _, id := range list(r, path) {
			if subnet, ok := byID(stack, subnetType, id); ok {
				zones[input(subnet, "availabilityZone")] = true
			}
		}
		if len(zones) < 2 {
			return fmt.Sprintf("%s are in %d zones", path, len(zones))
		}
		return ""
	}
}
