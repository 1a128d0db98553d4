package aws_test

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/localcloud/internal/provider/aws"
	"orchard/localcloud/internal/world"
)

// command finds the Pulumi CLI: PULUMI_BIN, then PATH, then the repository's
// own bin folder.
func command(t *testing.T) auto.PulumiCommand {
	t.Helper()
	path := os.Getenv("PULUMI_BIN")
	if path == "" {
		path, _ = exec.LookPath("pulumi")
	}
	if path == "" {
		path, _ = filepath.Abs("../../../../bin/pulumi")
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("the Pulumi CLI is needed: set PULUMI_BIN to it (%v)", err)
	}
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, filepath.Join(root, "bin", "pulumi")); err != nil {
		t.Fatal(err)
	}
	cmd, err := auto.NewPulumiCommand(&auto.PulumiCommandOptions{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	return cmd
}

// newStack is a stack of the real engine, attached to a provider server.
func newStack(t *testing.T, address string, run *program) auto.Stack {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	stack, err := auto.UpsertStackInlineSource(t.Context(), "test", "orchard",
		func(ctx *pulumi.Context) error { return run.run(ctx) },
		auto.Pulumi(command(t)), auto.WorkDir(t.TempDir()), auto.PulumiHome(t.TempDir()),
		auto.EnvVars(map[string]string{
			"PULUMI_DEBUG_PROVIDERS":                      "aws:" + port,
			"PULUMI_BACKEND_URL":                          "file://" + folder,
			"PULUMI_CONFIG_PASSPHRASE":                    "x",
			"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
			"PULUMI_SKIP_UPDATE_CHECK":                    "true",
		}))
	if err != nil {
		t.Fatal(err)
	}
	return stack
}

func release(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "orchard")
	if err := os.WriteFile(path, []byte("a release"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func standard(t *testing.T) *program {
	t.Helper()
	return &program{script: "one", release: release(t), targetPort: 8080, checkSeconds: 5, minSize: 3}
}

func up(t *testing.T, s auto.Stack) auto.UpResult {
	t.Helper()
	out, err := s.Up(t.Context(), optup.SuppressProgress())
	if err != nil {
		t.Fatalf("up: %v", err)
	}
	return out
}

func changes(t *testing.T, summary *map[string]int) map[string]int {
	t.Helper()
	if summary == nil {
		t.Fatal("the engine reported no changes at all")
	}
	return *summary
}

// The engine's own life cycle, in one stack: each step builds on the one
// before it.
func TestEngine(t *testing.T) {
	t.Parallel()
	w := &memoryWorld{}
	run := standard(t)
	s := newStack(t, serve(t, w), run)

	first := up(t, s)
	created := changes(t, first.Summary.ResourceChanges)["create"]
	if got, want := first.Outputs["url"].Value, any("http://127.7.0.11:8080"); got != want && got != any("http://127.7.0.10:8080") {
		t.Errorf("url = %v, want one at the world's balancer address", got)
	}
	if again := changes(t, up(t, s).Summary.ResourceChanges); len(again) != 1 || again["same"] != created {
		t.Errorf("second up: changes = %v, want {same: %d}", again, created)
	}
	for _, r := range w.Resources() {
		if !r.Confirmed {
			t.Errorf("%s is not confirmed after a second up", r.ID)
		}
	}

	run.script, run.checkSeconds = "two", 10
	updated := up(t, s)
	if diff := cmp.Diff(map[string]int{"same": created - 3, "update": 3}, changes(t, updated.Summary.ResourceChanges)); diff != "" {
		t.Errorf("changed user-data and health check (-want +got):\n%s", diff)
	}
	if got := updated.Outputs["version"].Value; got != 2.0 {
		t.Errorf("latest version = %v, want 2", got)
	}

	run.targetPort = 9090
	replaced := up(t, s)
	if got := changes(t, replaced.Summary.ResourceChanges)["replace"]; got != 1 {
		t.Errorf("changed target port: changes = %v, want 1 replace", changes(t, replaced.Summary.ResourceChanges))
	}
	if before, after := first.Outputs["targetGroup"].Value, replaced.Outputs["targetGroup"].Value; before == after {
		t.Errorf("replaced target group has the name %v of the old one", after)
	}
	if groups := w.of("aws:lb/targetGroup:TargetGroup"); len(groups) != 1 {
		t.Errorf("after the replacement the world has %d target groups, want 1", len(groups))
	}

	refresh(t, s, w)

	if _, err := s.Destroy(t.Context(), optdestroy.SuppressProgress()); err != nil {
		t.Fatalf("destroy: %v", err)
	}
	if left := w.Resources(); len(left) != 0 {
		t.Errorf("after destroy the world has %d resources, want 0: %v", len(left), left)
	}
}

// refresh finds nothing to change, and then a resource that is gone.
func refresh(t *testing.T, s auto.Stack, w *memoryWorld) {
	t.Helper()
	out, err := s.Refresh(t.Context(), optrefresh.SuppressProgress())
	if err != nil {
		t.Fatalf("refresh: %v", err)
	}
	if got := changes(t, out.Summary.ResourceChanges); len(got) != 1 {
		t.Errorf("refresh: changes = %v, want all the same", got)
	}
	policy := w.of("aws:autoscaling/policy:Policy")[0]
	_ = w.Remove(t.Context(), policy.ID)
	_, err = s.Up(t.Context(), optup.SuppressProgress())
	if err == nil || !strings.Contains(err.Error(), "pulumi refresh") {
		t.Errorf("up without the resource: error = %v, want one that says to run pulumi refresh", err)
	}
	if _, err := s.Refresh(t.Context(), optrefresh.SuppressProgress()); err != nil {
		t.Fatalf("refresh: %v", err)
	}
	if got := changes(t, up(t, s).Summary.ResourceChanges)["create"]; got != 1 {
		t.Errorf("up after refresh created %d resources, want the 1 that was gone", got)
	}
}

// A group that does not become healthy fails the run, and is on the engine's
// record, so that destroy finds it.
func TestEngineGroupFails(t *testing.T) {
	t.Parallel()
	w := &memoryWorld{}
	w.settle = func(_ context.Context, id string) error {
		if r, _ := w.Lookup(id); r.Type == "aws:autoscaling/group:Group" {
			return errors.New("0 of 3 instances are healthy in the target group")
		}
		return nil
	}
	s := newStack(t, serve(t, w), standard(t))
	_, err := s.Up(t.Context(), optup.SuppressProgress())
	if err == nil || !strings.Contains(err.Error(), "0 of 3 instances are healthy") {
		t.Fatalf("up: error = %v, want one that says what is not healthy", err)
	}
	if len(w.of("aws:autoscaling/group:Group")) != 1 {
		t.Error("the group that failed is not in the world")
	}
	if _, err := s.Destroy(t.Context(), optdestroy.SuppressProgress()); err != nil {
		t.Fatalf("destroy: %v", err)
	}
	if left := w.Resources(); len(left) != 0 {
		t.Errorf("after destroy the world has %d resources, want 0: %v", len(left), left)
	}
}

// What the cloud refuses for order is refused with a sentence that names it.
func TestEngineNoListener(t *testing.T) {
	t.Parallel()
	run := standard(t)
	run.noListener = true
	s := newStack(t, serve(t, &memoryWorld{}), run)
	_, err := s.Up(t.Context(), optup.SuppressProgress())
	if err == nil || !strings.Contains(err.Error(), "has no listener on a load balancer") {
		t.Errorf("up: error = %v, want one that names the missing listener", err)
	}
}

// The whole of what a stack declares, as the world is told.
func TestEngineDeclared(t *testing.T) {
	t.Parallel()
	resources := declared(t)
	allOutputs(t, resources)
	d, cloud, err := aws.Declare(resources)
	if err != nil {
		t.Fatal(err)
	}
	g := d.Groups[find(resources, "aws:autoscaling/group:Group", "app").ID]
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
	if want := "one " + find(resources, "aws:s3/bucketV2:BucketV2", "releases").Outputs["bucket"].(string); !strings.HasPrefix(string(version.UserData), want) {
		t.Errorf("user-data = %q, want it to begin with %q", version.UserData, want)
	}
	if len(d.Databases) != 1 || len(cloud.Secrets) != 1 || len(cloud.Objects) != 1 {
		t.Errorf("got %d databases, %d secrets, %d objects, want 1 each", len(d.Databases), len(cloud.Secrets), len(cloud.Objects))
	}
}

// allOutputs says whether every output that the table promises is answered.
func allOutputs(t *testing.T, resources []world.Resource) {
	t.Helper()
	types := aws.Table().Types
	for _, r := range resources {
		for _, name := range types[r.Type].Computed {
			if _, ok := r.Outputs[name]; !ok {
				t.Errorf("%s has no output %s", r.Type, name)
			}
		}
	}
}
