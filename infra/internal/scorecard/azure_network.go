package scorecard

import (
	"fmt"
	"slices"

	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/planned"
)

// azureNetwork is who reaches whom, and who writes it down.
func azureNetwork() []Row {
	return []Row{
		{
			ID: "NET.1", Setting: "no rule opens SSH or RDP to the internet (policy 22730e10)",
			Check: every(armSecurityGroup, noRemoteLogin),
		},
		{
			ID: "NET.2", Setting: "every subnet has a network security group (policy e71308d3)",
			Check: every(armNetwork, eachSubnet(func(subnet map[string]any) string {
				if object(subnet["networkSecurityGroup"])["id"] == nil {
					return "has no network security group"
				}
				return ""
			})),
		},
		{
			ID: "NET.3", Setting: "no subnet has default outbound access (policy 7bca8353)",
			Check: every(armNetwork, eachSubnet(func(subnet map[string]any) string {
				if subnet["defaultOutboundAccess"] != false {
					return "has defaultOutboundAccess"
				}
				return ""
			})),
		},
		{
			ID: "NET.4", Setting: "the last inbound rule denies everything (policy 9daedab3)",
			Check: every(armSecurityGroup, deniesTheRest),
		},
		{
			ID: "NET.5", Setting: "every virtual network has a flow log (policy 4c3c6c5f)",
			Check: every(armNetwork, flowLogged),
		},
		{
			ID: "NET.6", Setting: "the region has a network watcher (policy b6e2945c)",
			Check: beyond("A subscription has one in each region, which Azure makes with the first network there."),
		},
		{
			ID: "NET.7", Setting: "the virtual network has a DDoS protection plan (policies 94de2ad3, a7aca53f)",
			Check:  every(armNetwork, is("enableDdosProtection", true)),
			Waiver: "A plan costs about 2,944 USD a month and is one for many networks; the platform's own protection is in force.",
		},
	}
}

// eachSubnet asks something of every inline subnet of a network.
func eachSubnet(wrong func(subnet map[string]any) string) judge {
	return func(_ planned.Stack, r item) string {
		subnets := list(r, "subnets")
		for _, subnet := range subnets {
			if problem := wrong(object(subnet)); problem != "" {
				return fmt.Sprintf("subnet %v %s", object(subnet)["name"], problem)
			}
		}
		if len(subnets) == 0 {
			return "it has no subnet"
		}
		return ""
	}
}

// everybody are the prefixes by which a rule means everybody.
var everybody = []any{"*", "Internet", "0.0.0.0/0"}

// noRemoteLogin goes by single ports, which is all that this program writes;
// a range counts as open.
func noRemoteLogin(_ planned.Stack, r item) string {
	closed := []any{"80", "443", "8080", "5432"}
	for _, each := range list(r, "securityRules") {
		rule := object(each)
		if rule["access"] == "Allow" && rule["direction"] == "Inbound" && slices.Contains(everybody, rule["sourceAddressPrefix"]) &&
			!slices.Contains(closed, rule["destinationPortRange"]) {
			return fmt.Sprintf("rule %v lets the internet in to port %v", rule["name"], rule["destinationPortRange"])
		}
	}
	return ""
}

// deniesTheRest looks at the inbound rule of the lowest priority, which has
// the highest number.
func deniesTheRest(_ planned.Stack, r item) string {
	var last map[string]any
	for _, each := range list(r, "securityRules") {
		rule := object(each)
		if rule["direction"] == "Inbound" && (last == nil || rule["priority"].(float64) > last["priority"].(float64)) {
			last = rule
		}
	}
	for _, property := range []string{"protocol", "sourceAddressPrefix", "destinationAddressPrefix", "destinationPortRange"} {
		if last["access"] != "Deny" || last[property] != "*" {
			return fmt.Sprintf("the last inbound rule, %v, does not deny everything", last["name"])
		}
	}
	return ""
}

// madeID is the id that the plan has made up for a resource.
func madeID(r item) string {
	id, _ := fakecloud.Create(r.Type, r.Name, r.Inputs)
	return id
}

func flowLogged(stack planned.Stack, r item) string {
	for _, log := range of(stack, armFlowLog) {
		if input(log, "targetResourceId") == madeID(r) && input(log, "enabled") == true {
			return ""
		}
	}
	return "no flow log is enabled for it"
}
