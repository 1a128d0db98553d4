package aws

import (
	"fmt"
	"strings"

	"orchard/localcloud/internal/provider"
)

func policyType() provider.Type {
	return provider.Type{
		Properties: properties{
			"name":                    name(255, `^[ -~]+$`, "printable characters"),
			"autoscalingGroupName":    text().Needed().Replaces(),
			"policyType":              text().Needed().OneOf("TargetTrackingScaling", "SimpleScaling", "StepScaling", "PredictiveScaling").OnlyHere("TargetTrackingScaling", "it tracks targets"),
			"enabled":                 flag().Or(true),
			"estimatedInstanceWarmup": integer().AtLeast(0),
			"targetTrackingConfiguration": provider.Object(properties{
				"targetValue":    provider.Number().Needed(),
				"disableScaleIn": flag().Or(false),
				"predefinedMetricSpecification": provider.Object(properties{
					"predefinedMetricType": text().Needed().OneOf("ASGAverageCPUUtilization", "ALBRequestCountPerTarget"),
					"resourceLabel":        text().Length(0, 1023),
				}).Needed(),
			}).Needed(),
		},
		Name: autoName("name", 255), Space: "policy",
		Computed: []string{"adjustmentType", "arn", "metricAggregationType"},
		Check:    checkScaling, Compute: computePolicy,
	}
}

func checkScaling(in provider.Inputs) failures {
	tracking := in.Object("targetTrackingConfiguration")
	metric := tracking.Object("predefinedMetricSpecification")
	const path = "targetTrackingConfiguration.predefinedMetricSpecification.resourceLabel"
	switch kind := metric.Text("predefinedMetricType"); {
	case kind == "ALBRequestCountPerTarget" && !metric.Has("resourceLabel"):
		return refuse(path, "is required with ALBRequestCountPerTarget")
	case kind == "ASGAverageCPUUtilization" && metric.Has("resourceLabel"):
		return refuse(path, "may not be given with ASGAverageCPUUtilization")
	}
	if tracking.Known("targetValue") && tracking.Number("targetValue") <= 0 {
		return refuse("targetTrackingConfiguration.targetValue", "is %v, must be above 0", tracking.Number("targetValue"))
	}
	return nil
}

func computePolicy(req request) (result, error) {
	in := req.Inputs
	group, ok := found(req.World, typeGroup, in.Text("autoscalingGroupName"))
	if !ok {
		return result{}, fmt.Errorf("ValidationError: Group %s not found", in.Text("autoscalingGroupName"))
	}
	label := in.Object("targetTrackingConfiguration").Object("predefinedMetricSpecification").Text("resourceLabel")
	if label != "" {
		if err := checkLabel(req, label, outs(group).Texts("targetGroupArns")); err != nil {
			return result{}, err
		}
	}
	policy := in.Text("name")
	return result{
		ID: policy,
		Outputs: map[string]any{
			"adjustmentType": "", "metricAggregationType": "",
			"arn": kept(req, "arn", func() string {
				return arn("autoscaling", region(req), fmt.Sprintf("scalingPolicy:%s:autoScalingGroupName/%s:policyName/%s", uuid(), group.ID, policy))
			}),
		},
		Private: map[string]any{"region": region(req)},
	}, nil
}

// checkLabel says whether a resource label app/NAME/ID/targetgroup/NAME/ID
// names a load balancer and a target group that a listener joins, the group's
// own.
func checkLabel(req request, label string, attached []string) error {
	balancer, rest, ok := strings.Cut(label, "/targetgroup/")
	if !ok {
		return fmt.Errorf("ValidationError: The resource label %s must have the form app/<name>/<id>/targetgroup/<name>/<id>", label)
	}
	for _, id := range attached {
		if arnSuffix(id) != "targetgroup/"+rest {
			continue
		}
		for _, listener := range listenersOf(req.World.Resources(), id) {
			if arnSuffix(outs(listener).Text("loadBalancerArn")) == balancer {
				return nil
			}
		}
	}
	return fmt.Errorf("ValidationError: The load balancer, target group and group of the resource label %s are not joined: a listener must lead from the load balancer to the target group, and the target group must be attached to the scaling group %s", label, req.Inputs.Text("autoscalingGroupName"))
}
