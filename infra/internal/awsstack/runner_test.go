package awsstack

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/loadplan"
	"orchard/infra/internal/release"
	"orchard/infra/internal/servicestack"
	"orchard/infra/internal/settings/settingstest"
)

const egressType = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"

func recordRunner(t *testing.T, changes map[string]string) *fakecloud.Recorder {
	t.Helper()
	config := map[string]string{"role": "loadrunner", "serviceStack": "dev"}
	for key, value := range changes {
		config[key] = value
	}
	set := settingstest.Parse(t, "load", config)
	plan, err := loadplan.Of(set.Runner)
	if err != nil {
		t.Fatal(err)
	}
	var recorder fakecloud.Recorder
	err = pulumi.RunErr(func(ctx *pulumi.Context) error {
		service, err := servicestack.Find(ctx, set.Runner.ServiceStack)
		if err != nil {
			return err
		}
		_, err = DeclareRunner(ctx, set, release.Release{Program: "loadrunner", Path: "testdata", Digest: strings.Repeat("ab", 32)},
			servicestack.Load{Service: service, Plan: plan, Token: pulumi.String(settingstest.WriteToken)})
		return err
	}, pulumi.WithMocks("orchard", set.Stack, &recorder))
	if err != nil {
		t.Fatal(err)
	}
	return &recorder
}

// TestRunnerLetsNothingIn, and out to the service and to S3 alone.
func TestRunnerLetsNothingIn(t *testing.T) {
	r := recordRunner(t, nil)
	if rules := r.Of("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"); len(rules) != 0 {
		t.Errorf("got the ingress rules %v, want none", rules)
	}
	out := r.Of(egressType)
	if len(out) != 2 {
		t.Errorf("got %d egress rules, want 2", len(out))
	}
	fakecloud.Expect(t, out["node-service"], map[string]any{"fromPort": 8080.0, "toPort": 8080.0, "cidrIpv4": anywhere})
	fakecloud.Expect(t, out["node-store"], map[string]any{"fromPort": 443.0, "toPort": 443.0, "prefixListId": "pl-vpcendpoint-s3"})
}

// TestRunnerPaysNoNAT: it is in public subnets and each node has an address.
func TestRunnerPaysNoNAT(t *testing.T) {
	r := recordRunner(t, nil)
	if n := len(r.Of("aws:ec2/natGateway:NatGateway")); n != 0 {
		t.Errorf("got %d NAT gateways, want none", n)
	}
	fakecloud.Expect(t, fakecloud.Only(t, r, templateType), map[string]any{
		"networkInterfaces[0].associatePublicIpAddress": "true", "metadataOptions.httpTokens": "required",
		"blockDeviceMappings[0].ebs.encrypted": "true", "networkInterfaces[0].securityGroups[0]": "securitygroup-node",
	})
}

func TestRunnerLeastPrivilege(t *testing.T) {
	r := recordRunner(t, nil)
	got := map[string]string{}
	for name, grant := range r.Of("aws:iam/rolePolicy:RolePolicy") {
		got[name] = grant.Inputs["policy"].StringValue()
	}
	const digest = "a8ae6e6ee929abea3afcfc5258c8ccd6f85273e0d4626d26c7279f3250f77c8e"
	one := func(action, resource string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["` + action + `"],"Resource":["arn:aws:s3:::bucketv2-store/` + resource + `"]}]}`
	}
	want := map[string]string{
		"read-release": one("s3:GetObject", "releases/*"),
		"read-token":   one("s3:GetObject", "tokens/"+digest),
		"put-results":  one("s3:PutObject", "results/load/*"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("policies of a node (-want +got):\n%s", diff)
	}
	if attached := r.Of("aws:iam/rolePolicyAttachment:RolePolicyAttachment"); len(attached) != 0 {
		t.Errorf("got the attached policies %v, want none", attached)
	}
}

// TestRunnerGroup: a fixed number of nodes over three zones, behind nothing,
// which come after all that they need.
func TestRunnerGroup(t *testing.T) {
	group := fakecloud.Only(t, recordRunner(t, map[string]string{"nodes": "100"}), groupType)
	fakecloud.Expect(t, group, map[string]any{"minSize": 100.0, "maxSize": 100.0, "desiredCapacity": 100.0, "healthCheckType": "EC2"})
	if n := len(group.Inputs["vpcZoneIdentifiers"].ArrayValue()); n != 3 {
		t.Errorf("the group is in %d subnets, want 3", n)
	}
	for _, absent := range []resource.PropertyKey{"targetGroupArns", "name", "initialLifecycleHooks"} {
		if _, ok := group.Inputs[absent]; ok {
			t.Errorf("the group has the input %s", absent)
		}
	}
	fakecloud.Needs(t, group, egressType+" node-service", egressType+" node-store", "aws:ec2/vpcEndpoint:VpcEndpoint s3",
		"aws:ec2/route:Route public", "aws:iam/rolePolicy:RolePolicy put-results", "aws:s3/bucketObjectv2:BucketObjectv2 token")
}

// TestRunnerUserData has the service and where everything is, and not the
// token.
func TestRunnerUserData(t *testing.T) {
	template := fakecloud.Only(t, recordRunner(t, map[string]string{"nodeRate": "20"}), templateType)
	text, err := base64.StdEncoding.DecodeString(template.Inputs["userData"].StringValue())
	if err != nil {
		t.Fatal(err)
	}
	script := string(text)
	for _, want := range []string{
		"s3://bucketv2-store/releases/" + strings.Repeat("ab", 32) + "/loadrunner", "\n      rate: 20\n", "    url: " + fakecloud.ServiceURL + "\n",
		"ORCHARD_RESULTS=s3://bucketv2-store/results/load/$instance\n",
	} {
		if !strings.Contains(script, want) {
			t.Errorf("user-data does not say %q", want)
		}
	}
	if strings.Contains(script, settingstest.WriteToken) {
		t.Error("the write token is in the user-data")
	}
}

// TestRunnerBucketIsPrivateFirst: no secret is put before.
func TestRunnerBucketIsPrivateFirst(t *testing.T) {
	r := recordRunner(t, nil)
	token := r.Of("aws:s3/bucketObjectv2:BucketObjectv2")["token"]
	fakecloud.Needs(t, token, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock store", "aws:s3/bucketPolicy:BucketPolicy store")
	if !slices.Contains(r.Calls(), "aws:ssm/getParameter:getParameter") {
		t.Errorf("got the look-ups %v, want one for the image", r.Calls())
	}
}
