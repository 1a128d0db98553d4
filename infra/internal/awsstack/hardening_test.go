package awsstack

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orchard/infra/internal/fakecloud"
)

// TestEncryptedToTheEnd: with a certificate targets and checks speak HTTPS,
// and the service is told to.
func TestEncryptedToTheEnd(t *testing.T) {
	for protocol, changes := range map[string]map[string]string{
		"HTTP": nil, "HTTPS": {"certificateArn": "arn:aws:acm:eu-central-1:1:certificate/c", "domain": "fruit.example.org"},
	} {
		r := record(t, changes)
		fakecloud.Expect(t, fakecloud.Only(t, r, "aws:lb/targetGroup:TargetGroup"), map[string]any{"protocol": protocol, "healthCheck.protocol": protocol})
		script, err := base64.StdEncoding.DecodeString(fakecloud.Only(t, r, templateType).Inputs["userData"].StringValue())
		if err != nil {
			t.Fatal(err)
		}
		if told := strings.Contains(string(script), "ORCHARD_TLS=self-signed\n"); told != (protocol == "HTTPS") {
			t.Errorf("%s: the service is told to speak TLS: %v", protocol, told)
		}
	}
}

// TestNetworkACLs: the world is let in on the listener's port and where
// answers go, and not at all to the database; the ACL that comes with the
// network is empty.
func TestNetworkACLs(t *testing.T) {
	r := record(t, map[string]string{"listenerPort": "443"})
	got := map[string][][2]float64{}
	for name, acl := range r.Of("aws:ec2/networkAcl:NetworkAcl") {
		for _, rule := range acl.Inputs["ingress"].ArrayValue() {
			o := rule.ObjectValue()
			if o["cidrBlock"].StringValue() == anywhere && o["protocol"].StringValue() == "tcp" {
				got[name] = append(got[name], [2]float64{o["fromPort"].NumberValue(), o["toPort"].NumberValue()})
			}
		}
	}
	want := map[string][][2]float64{"public": {{443, 443}, {1024, 3388}, {3390, 65535}}, "app": {{1024, 3388}, {3390, 65535}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ports open to the world (-want +got):\n%s", diff)
	}
	own := fakecloud.Only(t, r, "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl")
	if _, ok := own.Inputs["ingress"]; ok {
		t.Error("the network's own ACL has rules")
	}
}

// TestEndpoints: those that cost by the hour are of a production-sized stack.
func TestEndpoints(t *testing.T) {
	production := map[string]string{
		"size": "production", "deletionProtection": "true", "certificateArn": "arn:aws:acm:eu-central-1:1:certificate/c", "domain": "fruit.example.org",
	}
	for want, changes := range map[int]map[string]string{1: nil, 3: production} {
		if got := len(record(t, changes).Of("aws:ec2/vpcEndpoint:VpcEndpoint")); got != want {
			t.Errorf("%v: got %d endpoints, want %d", changes, got, want)
		}
	}
}

// TestLogs: nothing logs before it may, and one service alone into each
// folder.
func TestLogs(t *testing.T) {
	r := record(t, nil)
	const permit = "aws:s3/bucketPolicy:BucketPolicy logs"
	fakecloud.Needs(t, fakecloud.Only(t, r, "aws:lb/loadBalancer:LoadBalancer"), permit)
	fakecloud.Needs(t, fakecloud.Only(t, r, "aws:ec2/flowLog:FlowLog"), permit)
	fakecloud.Needs(t, fakecloud.Only(t, r, "aws:s3/bucketLoggingV2:BucketLoggingV2"), permit)
	for _, s := range statements(t, r.Of("aws:s3/bucketPolicy:BucketPolicy")["logs"].Inputs["policy"].StringValue()) {
		if s.Effect == "Allow" && s.Condition["ArnLike"]["aws:SourceArn"] == "" {
			t.Errorf("the bucket of the logs lets %v do %v whoever asks", s.Principal, s.Action)
		}
	}
}
