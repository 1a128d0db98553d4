package aws

import (
	"strconv"

	"orchard/localcloud/internal/provider"
)

// The properties by which instances of a group are replaced: how far its size
// may go (maintenance policy), how a new launch template version reaches them
// (instance refresh), and what holds a new one back (lifecycle hook).

func maintenancePolicy() provider.Property {
	return provider.Object(properties{
		"minHealthyPercentage": integer().Needed().Between(unset, 100),
		"maxHealthyPercentage": integer().Needed().Between(unset, 200),
	})
}

// unset clears a percentage of a maintenance policy.
const unset = -1

// instanceRefresh has no triggers but the launch template, which is always
// one: in localcloud nothing else about a group changes its instances.
func instanceRefresh() provider.Property {
	return provider.Object(properties{
		"strategy": text().Needed().OneOf("Rolling"),
		"triggers": provider.Set(text().OnlyHere("launch_template", "instances differ by their launch template alone")),
		"preferences": provider.Object(properties{
			"minHealthyPercentage": integer().Or(90.0).Between(0, 100),
			"maxHealthyPercentage": integer().Or(100.0).Between(100, 200),
			"instanceWarmup":       text().Like(`^\d{1,8}$`, "seconds as text such as \"120\""),
			"autoRollback":         flag().OnlyHere(false, "a refresh that fails stays where it is"),
			"skipMatching":         flag().Or(false).OnlyHere(false, "a refresh begins when no instance matches"),
		}),
	})
}

// lifecycleHooks are set when the group is created and in no other way, so a
// change forces a replacement.
// Source: schema of aws_autoscaling_group, initial_lifecycle_hook.
func lifecycleHooks() provider.Property {
	return provider.Set(provider.Object(properties{
		"name":                text().Needed().Length(1, 255).Like(`^[A-Za-z0-9_/-]+$`, "letters, digits and - _ /"),
		"lifecycleTransition": text().Needed().OneOf(launching, "autoscaling:EC2_INSTANCE_TERMINATING").OnlyHere(launching, "an instance that ends is drained and not held back"),
		"heartbeatTimeout":    integer().Or(3600.0).Between(30, 7200),
		"defaultResult":       text().Or(abandon).OneOf(abandon, "CONTINUE"),
	})).Length(0, 1).Replaces()
}

const (
	launching = "autoscaling:EC2_INSTANCE_LAUNCHING"
	abandon   = "ABANDON"
)

func checkReplacement(in provider.Inputs) failures {
	policy := in.Object("instanceMaintenancePolicy")
	least, most := policy.Int("minHealthyPercentage"), policy.Int("maxHealthyPercentage")
	if policy.Known("minHealthyPercentage") && policy.Known("maxHealthyPercentage") && (least == unset) != (most == unset) {
		return refuse("instanceMaintenancePolicy", "must have both percentages, or -1 for both, not %d and %d", least, most)
	}
	if policy.Known("maxHealthyPercentage") && most != unset && most < 100 {
		return refuse("instanceMaintenancePolicy.maxHealthyPercentage", "is %d, must be from 100 to 200, or -1 for none", most)
	}
	if f := checkRange(policy, "instanceMaintenancePolicy."); f != nil {
		return f
	}
	return checkRange(in.Object("instanceRefresh").Object("preferences"), "instanceRefresh.preferences.")
}

// checkRange refuses bounds that are too far apart.
func checkRange(in provider.Inputs, path string) failures {
	least, most := in.Int("minHealthyPercentage"), in.Int("maxHealthyPercentage")
	if in.Known("minHealthyPercentage") && in.Known("maxHealthyPercentage") && most-least > 100 {
		return refuse(path+"maxHealthyPercentage", "is %d, at most 100 above minHealthyPercentage %d is allowed", most, least)
	}
	return nil
}

// hasNumber says whether a group names its template's version by a number. The
// others, $Latest and $Default, never differ from themselves, so that no
// refresh ever begins. Source: note on aws.autoscaling.Group, instanceRefresh.
func hasNumber(group provider.Inputs) bool {
	_, err := strconv.Atoi(templateOf(group).Text("version"))
	return err == nil
}
