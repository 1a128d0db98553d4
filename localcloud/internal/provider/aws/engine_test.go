package aws_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/localcloud/internal/provider/aws"
	"orchard/localcloud/internal/provider/providertest"
	"orchard/localcloud/internal/world"
)

// newStack is a stack of the real engine, attached to a provider server.
func newStack(t *testing.T, address string, run *program) auto.Stack {
	t.Helper()
	return providertest.NewStack(t, "aws", address, func(ctx *pulumi.Context) error { return run.run(ctx) })
}

func standard(t *testing.T) *program {
	t.Helper()
	return &program{script: "one", release: providertest.Release(t), targetPort: 8080, checkSeconds: 5, minSize: 3}
}

// The engine's own life cycle, in one stack: each step builds on the one
// before it.
func TestEngine(t *testing.T) {
	t.Parallel()
	w := newWorld()
	run := standard(t)
	s := newStack(t, serve(t, w), run)

	first := providertest.Up(t, s)
	created := providertest.Changes(t, first.Summary.ResourceChanges)["create"]
	if got, want := first.Outputs["url"].Value, any("http://127.7.0.11:8080"); got != want && got != any("http://127.7.0.10:8080") {
		t.Errorf("url = %v, want one at the world's balancer address", got)
	}
	providertest.UpAgain(t, s, w, created)

	run.script, run.checkSeconds = "two", 10
	updated := providertest.Up(t, s)
	if diff := cmp.Diff(map[string]int{"same": created - 3, "update": 3}, providertest.Changes(t, updated.Summary.ResourceChanges)); diff != "" {
		t.Errorf("changed user-data and health check (-want +got):\n%s", diff)
	}
	if got := updated.Outputs["version"].Value; got != 2.0 {
		t.Errorf("latest version = %v, want 2", got)
	}

	run.targetPort = 9090
	replaced := providertest.Up(t, s)
	if got := providertest.Changes(t, replaced.Summary.ResourceChanges)["replace"]; got != 1 {
		t.Errorf("changed target port: changes = %v, want 1 replace", providertest.Changes(t, replaced.Summary.ResourceChanges))
	}
	if before, after := first.Outputs["targetGroup"].Value, replaced.Outputs["targetGroup"].Value; before == after {
		t.Errorf("replaced target group has the name %v of the old one", after)
	}
	if groups := w.Of("aws:lb/targetGroup:TargetGroup"); len(groups) != 1 {
		t.Errorf("after the replacement the world has %d target groups, want 1", len(groups))
	}

	providertest.Refresh(t, s, w, "aws:autoscaling/policy:Policy")
	providertest.Destroy(t, s, w)
}

// A group that does not become healthy fails the run, and is on the engine's
// record, so that destroy finds it.
func TestEngineGroupFails(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.OnSettle = func(_ context.Context, id string) error {
		if r, _ := w.Lookup(id); r.Type == "aws:autoscaling/group:Group" {
			return errors.New("0 of 3 instances are healthy in the target group")
		}
		return nil
	}
	s := newStack(t, serve(t, w), standard(t))
	providertest.UpFails(t, s, "0 of 3 instances are healthy")
	if len(w.Of("aws:autoscaling/group:Group")) != 1 {
		t.Error("the group that failed is not in the world")
	}
	providertest.Destroy(t, s, w)
}

// What the cloud refuses for order is refused with a sentence that names it.
func TestEngineNoListener(t *testing.T) {
	t.Parallel()
	run := standard(t)
	run.noListener = true
	s := newStack(t, serve(t, newWorld()), run)
	providertest.UpFails(t, s, "has no listener on a load balancer")
}

// The whole of what a stack declares, as the world is told.
func TestEngineDeclared(t *testing.T) {
	t.Parallel()
	resources := declared(t)
	providertest.AllOutputs(t, aws.Table(), resources)
	d, cloud, err := aws.Declare(resources)
	if err != nil {
		t.Fatal(err)
	}
	g := d.Groups[providertest.Find(resources, "aws:autoscaling/group:Group", "app").ID]
	if diff := cmp.Diff([]string{region + "a", region + "b", region + "c"}, g.Zones); diff != "" {
		t.Errorf("zones (-want +got):\n%s", diff)
	}
	if g.WaitHealthy != 3 || g.WaitTimeout != 10*time.Minute || g.TemplateVersion != 1 || len(g.Policies) != 2 || len(g.Pools) != 1 {
		t.Errorf("group = %+v, want 3 healthy in 10m, version 1, 2 policies, 1 pool", g)
	}
	if g.Hook == nil || g.Rollout == nil || g.Rollout.Bounds != (world.Bounds{Min: 90, Max: 150}) || g.Maintenance != (world.Bounds{Min: 100, Max: 150}) {
		t.Errorf("group has the hook %+v, roll-out %+v, maintenance %+v, want all three, 90 to 150 and 100 to 150", g.Hook, g.Rollout, g.Maintenance)
	}
	version := d.Templates[g.Template].Versions[1]
	profile, ok := cloud.InstanceProfiles[version.Identity]
	if !ok || len(cloud.Roles[profile.Role].Policies) != 3 {
		t.Errorf("the instances' identity %q leads to %+v with the role %+v, want 3 policies", version.Identity, profile, cloud.Roles[profile.Role])
	}
	if want := "one " + providertest.Find(resources, "aws:s3/bucketV2:BucketV2", "releases").Outputs["bucket"].(string); !strings.HasPrefix(string(version.UserData), want) {
		t.Errorf("user-data = %q, want it to begin with %q", version.UserData, want)
	}
	if len(d.Databases) != 1 || len(cloud.Secrets) != 1 || len(cloud.Objects) != 1 {
		t.Errorf("got %d databases, %d secrets, %d objects, want 1 each", len(d.Databases), len(cloud.Secrets), len(cloud.Objects))
	}
}
