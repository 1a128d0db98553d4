package aws

import "orchard/localcloud/internal/provider"

// mixedInstances is where a group names its launch template when its instances
// may be of several types. Every zone here has the first type, so the others
// are never launched; they must be for this machine all the same.
func mixedInstances() provider.Property {
	return provider.Object(properties{
		"instancesDistribution": provider.Object(properties{
			"onDemandAllocationStrategy":          text().OneOf("prioritized", "lowest-price").OnlyHere("prioritized", "the first type is always there"),
			"onDemandBaseCapacity":                integer().AtLeast(0).NoEffect(),
			"onDemandPercentageAboveBaseCapacity": integer().Or(100.0).OnlyHere(100.0, "it has no spot instances"),
		}),
		"launchTemplate": provider.Object(properties{
			"launchTemplateSpecification": provider.Object(properties{
				"launchTemplateId": text().Not("launchTemplateName"), "launchTemplateName": text(), "version": text().Or("$Default"),
			}).Needed(),
			"overrides": provider.List(provider.Object(properties{
				"instanceType": text().Needed().Like(`^[a-z][a-z0-9-]*\.[a-z0-9-]+$`, "a type such as t4g.small"),
			})),
		}).Needed(),
	})
}

// templateOf is the launch template of a group, with its id or name and its
// version, wherever the group names it.
func templateOf(group provider.Inputs) provider.Inputs {
	if !group.Has("mixedInstancesPolicy") {
		return group.Object("launchTemplate")
	}
	named := group.Object("mixedInstancesPolicy").Object("launchTemplate").Object("launchTemplateSpecification")
	template := provider.Inputs{"version": named["version"]}
	for from, to := range map[string]string{"launchTemplateId": "id", "launchTemplateName": "name"} {
		if named.Has(from) {
			template[to] = named[from]
		}
	}
	return template
}

func checkGroupTemplate(in provider.Inputs) failures {
	if !in.Has("launchTemplate") && !in.Has("mixedInstancesPolicy") {
		return refuse("launchTemplate", "is required and missing: a group needs it or a mixedInstancesPolicy")
	}
	for _, path := range []string{"launchTemplate", "mixedInstancesPolicy"} {
		if template := templateOf(in); in.Known(path) && !template.Has("id") && !template.Has("name") {
			return refuse(path, "needs an id or a name of a launch template")
		}
	}
	return nil
}

// runsGroup refuses another processor's instance types.
func runsGroup(in provider.Inputs) failures {
	host := hostArchitecture()
	for _, override := range in.Object("mixedInstancesPolicy").Object("launchTemplate").Objects("overrides") {
		if want := Architecture(override.Text("instanceType")); override.Known("instanceType") && want != host {
			return refuse("mixedInstancesPolicy", "%s is %s and this machine is %s, so localcloud cannot run it: choose instance types for %s", override.Text("instanceType"), want, host, host)
		}
	}
	return nil
}
