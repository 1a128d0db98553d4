package scorecard

import (
	"fmt"

	"orchard/infra/internal/planned"
)

const groupType = "aws:autoscaling/group:Group"

func autoscaling() []Row {
	return []Row{
		{ID: "AutoScaling.1", Setting: "scaling groups ask the load balancer for health", Check: every(groupType, is("healthCheckType", "ELB"))},
		{ID: "AutoScaling.2", Setting: "scaling groups are in two zones or more", Check: every(groupType, spread("vpcZoneIdentifiers"))},
		{ID: "AutoScaling.6", Setting: "scaling groups have two instance types or more", Check: every(groupType, severalTypes)},
		{ID: "AutoScaling.9", Setting: "scaling groups launch from templates", Check: every(groupType, fromTemplate)},
	}
}

func severalTypes(_ planned.Stack, group item) string {
	types := map[any]bool{}
	for i := range list(group, overrides) {
		types[input(group, fmt.Sprintf("%s[%d].instanceType", overrides, i))] = true
	}
	if len(types) < 2 {
		return fmt.Sprintf("it has %d instance types", len(types))
	}
	return ""
}

const overrides = "mixedInstancesPolicy.launchTemplate.overrides"

func fromTemplate(_ planned.Stack, group item) string {
	if input(group, "launchConfiguration") != nil {
		return "it has a launch configuration"
	}
	for _, path := range []string{"launchTemplate.id", "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.launchTemplateId"} {
		if input(group, path) != nil {
			return ""
		}
	}
	return "it names no launch template"
}
