package awsstack

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/release"
	"orchard/infra/internal/settings"
	"orchard/infra/internal/settings/settingstest"
)

// The shortest way to name the types that the tests look at.
const (
	groupType    = "aws:autoscaling/group:Group"
	policyType   = "aws:autoscaling/policy:Policy"
	templateType = "aws:ec2/launchTemplate:LaunchTemplate"
	listenerType = "aws:lb/listener:Listener"
)

func record(t *testing.T, changes map[string]string) *fakecloud.Recorder {
	t.Helper()
	config := map[string]string{"allowHttp": "true", "deletionProtection": "false"}
	for key, value := range changes {
		config[key] = value
	}
	return declareWith(t, settingstest.Parse(t, "dev", config))
}

func declareWith(t *testing.T, set settings.Settings) *fakecloud.Recorder {
	t.Helper()
	var recorder fakecloud.Recorder
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		_, err := Declare(ctx, set, release.Release{Program: "orchard", Path: "testdata", Digest: strings.Repeat("ab", 32)})
		return err
	}, pulumi.WithMocks("orchard", set.Stack, &recorder))
	if err != nil {
		t.Fatal(err)
	}
	return &recorder
}

// both runs a test in either topology.
func both(t *testing.T, test func(t *testing.T, r *fakecloud.Recorder)) {
	for _, topology := range []string{"regional", "zonal"} {
		t.Run(topology, func(t *testing.T) {
			test(t, record(t, map[string]string{"topology": topology}))
		})
	}
}
