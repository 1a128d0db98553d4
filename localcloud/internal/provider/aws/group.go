package aws

import (
	"fmt"
	"strconv"
	"time"

	"orchard/localcloud/internal/provider"
)

const maxSeconds = 31536000 // a year; what no clock of a group exceeds

func groupTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeGroup:  groupType(),
		typePolicy: policyType(),
	}
}

func groupType() provider.Type {
	return provider.Type{
		Properties: properties{
			"name":                   name(255, `^[ -~]+$`, "printable characters"),
			"minSize":                integer().Needed().AtLeast(0),
			"maxSize":                integer().Needed().AtLeast(0),
			"desiredCapacity":        integer().AtLeast(0),
			"desiredCapacityType":    text().OnlyHere("units", "it counts instances"),
			"launchTemplate":         provider.Object(properties{"id": text().Not("name"), "name": text(), "version": text().Or("$Default")}).Not("mixedInstancesPolicy"),
			"mixedInstancesPolicy":   mixedInstances(),
			"vpcZoneIdentifiers":     texts().Needed().Length(1, 0),
			"targetGroupArns":        texts(),
			"healthCheckType":        text().OneOf("EC2", "ELB"),
			"healthCheckGracePeriod": integer().Or(300.0).Between(0, maxSeconds),
			"defaultCooldown":        integer().Between(0, maxSeconds).NoEffect(),
			"defaultInstanceWarmup":  integer().Between(-1, maxSeconds),
			"availabilityZoneDistribution": provider.Object(properties{
				"capacityDistributionStrategy": text().Or("balanced-best-effort").OneOf("balanced-only", "balanced-best-effort"),
			}),
			"initialLifecycleHooks":         lifecycleHooks(),
			"instanceMaintenancePolicy":     maintenancePolicy(),
			"instanceRefresh":               instanceRefresh(),
			"enabledMetrics":                texts().NoEffect(),
			"metricsGranularity":            text().Or("1Minute").OneOf("1Minute").NoEffect(),
			"minElbCapacity":                integer().AtLeast(0),
			"waitForElbCapacity":            integer().AtLeast(0),
			"waitForCapacityTimeout":        text().Or("10m"),
			"ignoreFailedScalingActivities": flag().Or(false).NoEffect(),
			"forceDelete":                   flag().Or(false).NoEffect(),
			"protectFromScaleIn":            flag().Or(false).OnlyHere(false, "any instance may be terminated"),
			"capacityRebalance":             flag().NoEffect(),
			"serviceLinkedRoleArn":          text().NoEffect(),
			"tags": provider.Set(provider.Object(properties{
				"key": text().Needed(), "value": text().Needed(), "propagateAtLaunch": flag().Needed(),
			})).NoEffect(),
		},
		Name:     autoName("name", 255),
		Computed: []string{"arn", "availabilityZones", "defaultCooldown", "desiredCapacity", "healthCheckType", "predictedCapacity", "serviceLinkedRoleArn", "warmPoolSize"},
		Moves:    map[string][]string{"availabilityZones": {"vpcZoneIdentifiers"}},
		Check:    checkGroup, Runs: runsGroup, Compute: computeGroup,
	}
}

func checkGroup(in provider.Inputs) failures {
	if in.Known("minSize") && in.Known("maxSize") && in.Int("minSize") > in.Int("maxSize") {
		return refuse("minSize", "is %d, above maxSize %d", in.Int("minSize"), in.Int("maxSize"))
	}
	if n := in.Int("desiredCapacity"); in.Known("desiredCapacity") && (n < in.Int("minSize") || n > in.Int("maxSize")) {
		return refuse("desiredCapacity", "is %d, must be from minSize %d to maxSize %d", n, in.Int("minSize"), in.Int("maxSize"))
	}
	if bad := checkGroupTemplate(in); bad != nil {
		return bad
	}
	if d, err := time.ParseDuration(in.Text("waitForCapacityTimeout")); in.Known("waitForCapacityTimeout") && (err != nil || d < 0) {
		return refuse("waitForCapacityTimeout", "is %q, must be a duration such as 10m", in.Text("waitForCapacityTimeout"))
	}
	return checkReplacement(in)
}

func computeGroup(req request) (result, error) {
	in := req.Inputs
	for _, r := range others(req, typeGroup) {
		if outs(r).Text("name") == in.Text("name") {
			return result{}, fmt.Errorf("AlreadyExists: AutoScalingGroup by this name already exists - A group with the name %s already exists", in.Text("name"))
		}
	}
	zones, err := groupZones(req)
	if err != nil {
		return result{}, err
	}
	if err := groupTemplate(req); err != nil {
		return result{}, err
	}
	if err := groupTargets(req); err != nil {
		return result{}, err
	}
	out := answer(req, in.Text("name"), map[string]any{
		"availabilityZones": zones, "predictedCapacity": 0.0, "warmPoolSize": 0.0,
		"arn": kept(req, "arn", func() string {
			return arn("autoscaling", region(req), fmt.Sprintf("autoScalingGroup:%s:autoScalingGroupName/%s", uuid(), in.Text("name")))
		}),
	})
	delete(out.Outputs, "tagsAll") // groups have none
	fillGroup(in, out.Outputs)
	return out, nil
}

func fillGroup(in provider.Inputs, outputs map[string]any) {
	for name, value := range map[string]any{
		"defaultCooldown": 300.0, "desiredCapacity": in.Number("minSize"), "healthCheckType": "EC2",
		"serviceLinkedRoleArn": "arn:aws:iam::" + Account + ":role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
	} {
		if !in.Has(name) {
			outputs[name] = value
		}
	}
}

func groupZones(req request) ([]any, error) {
	var zones []any
	for _, id := range req.Inputs.Texts("vpcZoneIdentifiers") {
		subnet, ok := found(req.World, typeSubnet, id)
		if !ok {
			return nil, fmt.Errorf("ValidationError: The subnet ID '%s' does not exist", id)
		}
		zones = append(zones, outs(subnet).Text("availabilityZone"))
	}
	return zones, nil
}

// groupTemplate checks what a group's instances would be started from.
func groupTemplate(req request) error {
	want := templateOf(req.Inputs)
	template, ok := findTemplate(req.World.Resources(), want)
	if !ok {
		return fmt.Errorf("ValidationError: You must use a valid fully-formed launch template. The specified launch template, with template ID %s%s, does not exist", want.Text("id"), want.Text("name"))
	}
	number := templateVersion(template, want.Text("version"))
	version, ok := provider.Inputs(template.Private).Object("versions")[strconv.Itoa(number)].(map[string]any)
	if !ok {
		return fmt.Errorf("ValidationError: You must use a valid fully-formed launch template. Could not find the specified version %s for the launch template with ID %s", want.Text("version"), template.ID)
	}
	v := provider.Inputs(version)
	if err := needSecurityGroups(req.World, templateGroups(v)); err != nil {
		return fmt.Errorf("ValidationError: You must use a valid fully-formed launch template. %w", err)
	}
	profile := v.Object("iamInstanceProfile")
	if name := profile.Text("name") + profile.Text("arn"); name != "" {
		if _, ok := findProfile(req.World.Resources(), profile); !ok {
			return fmt.Errorf("ValidationError: You must use a valid fully-formed launch template. Value (%s) for parameter iamInstanceProfile is invalid. Invalid IAM Instance Profile", name)
		}
	}
	return nil
}

// groupTargets refuses a target group that no listener leads to: its targets
// would stay unused, so none would ever become healthy.
func groupTargets(req request) error {
	for _, id := range req.Inputs.Texts("targetGroupArns") {
		group, ok := found(req.World, typeTargetGroup, id)
		if !ok {
			return fmt.Errorf("ValidationError: Provided Target Groups may not be valid. Please ensure they exist and try again: %s", id)
		}
		if len(listenersOf(req.World.Resources(), id)) == 0 {
			return fmt.Errorf("ValidationError: The target group %s has no listener on a load balancer, so no instance of the group could become healthy: make the group depend on the listener", outs(group).Text("name"))
		}
	}
	return nil
}
