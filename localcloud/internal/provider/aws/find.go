package aws

import (
	"slices"
	"strconv"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// listenersOf are the listeners that lead to a target group.
func listenersOf(resources []world.Resource, targetGroup string) []world.Resource {
	var out []world.Resource
	for _, listener := range each(resources, typeListener) {
		if slices.ContainsFunc(outs(listener).Objects("defaultActions"), func(action provider.Inputs) bool {
			return action.Text("targetGroupArn") == targetGroup
		}) {
			out = append(out, listener)
		}
	}
	return out
}

// findTemplate finds the launch template that a group names by id or name.
func findTemplate(resources []world.Resource, want provider.Inputs) (world.Resource, bool) {
	for _, r := range each(resources, typeLaunchTemplate) {
		if r.ID == want.Text("id") || (want.Text("id") == "" && outs(r).Text("name") == want.Text("name")) {
			return r, true
		}
	}
	return world.Resource{}, false
}

// templateVersion is the number that "$Latest", "$Default" or a number means;
// 0 when it means none.
func templateVersion(template world.Resource, version string) int {
	switch version {
	case "$Latest":
		return outs(template).Int("latestVersion")
	case "$Default":
		return outs(template).Int("defaultVersion")
	}
	n, _ := strconv.Atoi(version)
	return n
}

// templateGroups are the security groups of a version's instances.
func templateGroups(version provider.Inputs) []string {
	for _, face := range version.Objects("networkInterfaces") {
		return face.Texts("securityGroups")
	}
	return version.Texts("vpcSecurityGroupIds")
}

// findProfile finds the instance profile that a launch template names by ARN
// or name.
func findProfile(resources []world.Resource, want provider.Inputs) (world.Resource, bool) {
	for _, r := range each(resources, typeInstanceProfile) {
		if outs(r).Text("arn") == want.Text("arn") || outs(r).Text("name") == want.Text("name") {
			return r, true
		}
	}
	return world.Resource{}, false
}
