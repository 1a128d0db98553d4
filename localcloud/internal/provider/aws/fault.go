package aws

import (
	"fmt"
	"slices"

	"orchard/localcloud/internal/provider"
)

// faultTypes are recorded: localcloud's own faults are asked for by its
// commands and its console. What the service refuses of a template is refused.
func faultTypes() map[string]provider.Type {
	pair := func() provider.Property {
		return provider.Object(properties{"key": text().Needed().Length(1, 128), "value": text().Needed().Length(0, 1024)})
	}
	label := func() provider.Property {
		return text().Needed().Length(1, 64).Like(`^[\w-]+$`, "letters, digits, - and _")
	}
	return map[string]provider.Type{
		typeExperimentTemplate: {
			Properties: properties{
				"description": text().Needed().Length(1, 512).NoEffect(),
				"roleArn":     text().Needed().NoEffect(),
				"actions": provider.Set(provider.Object(properties{
					"name": label(), "actionId": text().Needed().Length(1, 128), "description": text().Length(0, 512),
					"parameters": provider.Set(pair()), "startAfters": texts(),
					"target": provider.Object(properties{"key": text().Needed().OneOf(targetKeys...), "value": text().Needed()}),
				})).Needed().Length(1, 0).NoEffect(),
				"targets": provider.Set(provider.Object(properties{
					"name": label(), "resourceType": text().Needed(), "selectionMode": text().Needed().Like(`^(ALL|(COUNT|PERCENT)\([0-9]+\))$`, "ALL, COUNT(n) or PERCENT(n)"),
					"resourceArns": texts().Length(0, 5), "resourceTags": provider.Set(pair()).Length(0, 50),
					"filters":    provider.List(provider.Object(properties{"path": text().Needed(), "values": texts().Needed().Length(1, 0)})),
					"parameters": provider.Map(text()),
				})).NoEffect(),
				"stopConditions": provider.Set(provider.Object(properties{
					"source": text().Needed().OneOf("none", "aws:cloudwatch:alarm"), "value": text(),
				})).Needed().Length(1, 0).NoEffect(),
				"experimentOptions": provider.Object(properties{
					"accountTargeting":          text().Or("single-account").OneOf("single-account", "multi-account"),
					"emptyTargetResolutionMode": text().Or("fail").OneOf("fail", "skip"),
				}).NoEffect(),
				"tags": tags(),
			},
			Computed: []string{"experimentOptions", "tagsAll"},
			Moves:    tagsMove(), Check: checkExperiment, Compute: computeExperiment,
		},
	}
}

// targetKeys are the names under which actions take targets.
var targetKeys = []any{
	"AutoScalingGroups", "Buckets", "Cluster", "Clusters", "DBInstances", "Instances", "ManagedResources", "Nodegroups",
	"Pods", "ReplicationGroups", "Roles", "SpotInstances", "Subnets", "Tables", "Tasks", "TransitGateways", "Volumes",
}

// checkExperiment wants every target and action that is named to be there.
func checkExperiment(in provider.Inputs) failures {
	targets, actions := namesOf(in.Objects("targets")), namesOf(in.Objects("actions"))
	for i, target := range in.Objects("targets") {
		if !target.Has("resourceArns") && !target.Has("resourceTags") {
			return refuse(fmt.Sprintf("targets[%d].resourceTags", i), "is required and missing, as are resourceArns")
		}
	}
	for i, action := range in.Objects("actions") {
		if target := action.Object("target").Text("value"); target != "" && !slices.Contains(targets, target) {
			return refuse(fmt.Sprintf("actions[%d].target.value", i), "names the target %q, must be one of %q", target, targets)
		}
		for _, before := range action.Texts("startAfters") {
			if !slices.Contains(actions, before) {
				return refuse(fmt.Sprintf("actions[%d].startAfters", i), "names the action %q, must be one of %q", before, actions)
			}
		}
	}
	for i, stop := range in.Objects("stopConditions") {
		if stop.Text("source") == "aws:cloudwatch:alarm" && !stop.Has("value") {
			return refuse(fmt.Sprintf("stopConditions[%d].value", i), "is required with an alarm")
		}
	}
	return nil
}

func namesOf(objects []provider.Inputs) []string {
	names := make([]string, len(objects))
	for i, each := range objects {
		names[i] = each.Text("name")
	}
	return names
}

func computeExperiment(req request) (result, error) {
	made := map[string]any{}
	if !req.Inputs.Has("experimentOptions") {
		made["experimentOptions"] = map[string]any{"accountTargeting": "single-account", "emptyTargetResolutionMode": "fail"}
	}
	return answer(req, keptID(req, func() string { return "EXT" + hexes(16) }), made), nil
}
