package awsstack

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/fakeaws"
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

func record(t *testing.T, changes map[string]string) *fakeaws.Recorder {
	t.Helper()
	config := map[string]string{"allowHttp": "true", "deletionProtection": "false"}
	for key, value := range changes {
		config[key] = value
	}
	return declareWith(t, settingstest.Parse(t, "dev", config))
}

func declareWith(t *testing.T, set settings.Settings) *fakeaws.Recorder {
	t.Helper()
	var recorder fakeaws.Recorder
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		_, err := Declare(ctx, set, release.Release{Path: "testdata", Digest: strings.Repeat("ab", 32)})
		return err
	}, pulumi.WithMocks("orchard", set.Stack, &recorder))
	if err != nil {
		t.Fatal(err)
	}
	return &recorder
}

// both runs a test in either topology.
func both(t *testing.T, test func(t *testing.T, r *fakeaws.Recorder)) {
	for _, topology := range []string{"regional", "zonal"} {
		t.Run(topology, func(t *testing.T) {
			test(t, record(t, map[string]string{"topology": topology}))
		})
	}
}

// at walks into nested inputs; a number-like step is an index.
func at(t *testing.T, r fakeaws.Resource, path string) any {
	t.Helper()
	parsed, err := resource.ParsePropertyPath(path)
	if err != nil {
		t.Fatal(err)
	}
	value, ok := parsed.Get(resource.NewProperty(r.Inputs))
	if !ok {
		t.Errorf("%s %s has no input %s", r.Type, r.Name, path)
		return nil
	}
	return value.Mappable()
}

// expect compares inputs of one resource.
func expect(t *testing.T, r fakeaws.Resource, want map[string]any) {
	t.Helper()
	for path, value := range want {
		if got := at(t, r, path); got != value {
			t.Errorf("%s %s: input %s: got %v, want %v", r.Type, r.Name, path, got, value)
		}
	}
}

// only gives the single resource of a type.
func only(t *testing.T, r *fakeaws.Recorder, token string) fakeaws.Resource {
	t.Helper()
	found := r.Of(token)
	if len(found) != 1 {
		t.Fatalf("%s: got %d, want one", token, len(found))
	}
	for _, each := range found {
		return each
	}
	return fakeaws.Resource{}
}

// needs fails unless the resource comes after all of the named ones.
func needs(t *testing.T, r fakeaws.Resource, want ...string) {
	t.Helper()
	for _, each := range want {
		if !slices.Contains(r.Needs, each) {
			t.Errorf("%s %s does not wait for %s", r.Type, r.Name, each)
		}
	}
}
