package apimodel

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"orchard/infra/internal/planned"
)

const (
	project = "../../.."
	pinned  = project + "/tools/models"

	// mostUnmapped is the share of inputs that nothing checks. It may be
	// lowered; a stack that raises it wants a line in a mapping. It is of one
	// input: a load balancer's enableZonalShift is newer than the models.
	mostUnmapped = 0.004
)

func checker(t *testing.T) *Checker {
	t.Helper()
	sdk, err := FindSDK(pinned)
	if err != nil {
		t.Fatal(err)
	}
	checker, err := NewChecker(sdk)
	if err != nil {
		t.Fatal(err)
	}
	return checker
}

// stacks plans all that the project ships, and the zonal topology.
func stacks(t *testing.T) []planned.Stack {
	t.Helper()
	names, err := planned.Names(project)
	if err != nil {
		t.Fatal(err)
	}
	var all []planned.Stack
	for _, name := range names {
		all = append(all, plan(t, name, nil))
	}
	return append(all, plan(t, "dev", map[string]string{"topology": "zonal"}))
}

func plan(t *testing.T, name string, set map[string]string) planned.Stack {
	t.Helper()
	stack, err := planned.Read(project, name, set)
	if err != nil {
		t.Fatal(err)
	}
	return stack
}

// TestStacks holds all that the stacks declare on AWS against the models.
func TestStacks(t *testing.T) {
	checker := checker(t)
	var coverage Coverage
	for _, stack := range stacks(t) {
		for _, each := range stack.Resources {
			if !strings.HasPrefix(each.Type, "aws:") {
				continue
			}
			inputs := each.Plain()
			checker.Count(&coverage, each.Type, inputs)
			for _, violation := range checker.Check(each.Type, each.Name, inputs) {
				t.Errorf("stack %s: %s", stack.Name, violation)
			}
		}
	}
	t.Logf("%d inputs are checked, %d are the provider's own", len(coverage.Mapped), len(coverage.Own))
	unmapped := slices.Sorted(maps.Keys(coverage.Unmapped))
	t.Logf("%d inputs have no mapping: %s", len(unmapped), strings.Join(unmapped, ", "))
	if share := coverage.Share(); share > mostUnmapped {
		t.Errorf("%s of the inputs have no mapping, more than %s; add to the files of mapping: %s",
			percent(share), percent(mostUnmapped), strings.Join(unmapped, ", "))
	}
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

// TestCounterExamples changes one input of a stack at a time to what AWS
// would refuse.
func TestCounterExamples(t *testing.T) {
	checker := checker(t)
	stack := plan(t, "prod", nil)
	for _, test := range []struct {
		token, property string
		value           any
		want            string
	}{
		{"aws:lb/targetGroup:TargetGroup", "loadBalancingAlgorithmType", "leastOutstandingRequests", "not one of round_robin"},
		{"aws:lb/targetGroup:TargetGroup", "name", strings.Repeat("a", 33), "length of 33, more than 32"},
		{"aws:lb/targetGroup:TargetGroup", "healthCheck.interval", 4., "4, less than 5"},
		{"aws:lb/targetGroup:TargetGroup", "healthCheck.interval", 301., "301, more than 300"},
		{"aws:lb/targetGroup:TargetGroup", "targetType", "Instance", "not one of instance"},
		{"aws:lb/targetGroup:TargetGroup", "deregistrationDelay", 3601., "3601, more than 3600"},
		{"aws:lb/loadBalancer:LoadBalancer", "idleTimeout", 4001., "4001, more than 4000"},
		{"aws:lb/loadBalancer:LoadBalancer", "ipAddressType", "IPv4", "not one of ipv4"},
		{"aws:lb/listener:Listener", "port", 65536., "65536, more than 65535"},
		{"aws:lb/listener:Listener", "loadBalancerArn", nil, "has no LoadBalancerArn"},
		{"aws:autoscaling/group:Group", "instanceRefresh.preferences.maxHealthyPercentage", 201., "201, more than 200"},
		{"aws:autoscaling/group:Group", "instanceRefresh.strategy", "rolling", "not one of Rolling"},
		{"aws:autoscaling/group:Group", "enabledMetrics", []any{"GroupSize"}, "GroupSize, not one of"},
		{"aws:autoscaling/group:Group", "minSize", nil, "has no MinSize"},
		{"aws:ec2/launchTemplate:LaunchTemplate", "metadataOptions.httpTokens", "mandatory", "not one of optional, required"},
		{"aws:ec2/launchTemplate:LaunchTemplate", "metadataOptions.httpPutResponseHopLimit", 65., "65, more than 64"},
		{"aws:ec2/launchTemplate:LaunchTemplate", "instanceType", "t4g.tiny", "t4g.tiny, not one of"},
		{"aws:ec2/securityGroup:SecurityGroup", "description", strings.Repeat("a", 256), "length of 256"},
		{"aws:rds/instance:Instance", "backupRetentionPeriod", 36., "36, more than 35"},
		{"aws:rds/instance:Instance", "port", 80., "80, less than 1150"},
		{"aws:rds/instance:Instance", "multiAz", "both", "neither true nor false"},
		{"aws:iam/role:Role", "name", strings.Repeat("a", 65), "length of 65, more than 64"},
		{"aws:iam/role:Role", "description", "\u2013", "does not match"},
		{"aws:s3/bucketVersioningV2:BucketVersioningV2", "versioningConfiguration.status", "enabled", "not one of Enabled"},
		{"aws:s3/bucketOwnershipControls:BucketOwnershipControls", "rule.objectOwnership", "Owner", "Owner, not one of"},
		{"aws:cloudwatch/logGroup:LogGroup", "name", "a group", "does not match"},
	} {
		for name, resource := range stack.Of(test.token) {
			inputs := resource.Plain()
			changed, _ := set(inputs, parsePath(test.property), nil, test.value, "")
			got := checker.Check(test.token, name, changed.(map[string]any))
			if len(got) != 1 || !strings.Contains(got[0].String(), test.want) || got[0].Resource != test.token+" "+name {
				t.Errorf("%s %s = %v: got %v, want one violation with %q", test.token, test.property, test.value, got, test.want)
			}
			if len(got) == 1 && test.value != nil && got[0].Property != test.property {
				t.Errorf("%s: got property %q, want %s", got[0], got[0].Property, test.property)
			}
		}
	}
}
