package azure_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/localcloud/internal/provider/azure"
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
			"PULUMI_DEBUG_PROVIDERS":                      "azure-native:" + port,
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
	return &program{script: "one", release: release(t), interval: 5, capacity: 3, account: "orchardreleases"}
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
	if got := fmt.Sprint(first.Outputs["endpoint"].Value); !strings.HasPrefix(got, "127.7.0.") {
		t.Errorf("endpoint = %v, want the world's address of the database", got)
	}
	if again := changes(t, up(t, s).Summary.ResourceChanges); len(again) != 1 || again["same"] != created {
		t.Errorf("second up: changes = %v, want {same: %d}", again, created)
	}
	for _, r := range w.Resources() {
		if !r.Confirmed {
			t.Errorf("%s is not confirmed after a second up", r.ID)
		}
	}

	run.script, run.interval, run.capacity = "two", 10, 5
	updated := up(t, s)
	if diff := cmp.Diff(map[string]int{"same": created - 2, "update": 2}, changes(t, updated.Summary.ResourceChanges)); diff != "" {
		t.Errorf("changed custom data, probe and ignored capacity (-want +got):\n%s", diff)
	}
	if got := w.of(setType)[0].Private["latest"]; got != 2.0 {
		t.Errorf("latest version of the model = %v, want 2", got)
	}

	run.account = "orchardother"
	replaced := up(t, s)
	if got := changes(t, replaced.Summary.ResourceChanges)["replace"]; got != 4 {
		t.Errorf("changed account: changes = %v, want 4 replaces: account, container, blob, grant", changes(t, replaced.Summary.ResourceChanges))
	}
	if accounts := w.of(accountType); len(accounts) != 1 || accounts[0].Outputs["name"] != "orchardother" {
		t.Errorf("after the replacement the world has the accounts %v, want the new one alone", accounts)
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
	_ = w.Remove(t.Context(), w.of(scaleType)[0].ID)
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

// A scale set that does not become healthy fails the run, and is on the
// engine's record, so that destroy finds it.
func TestEngineGroupFails(t *testing.T) {
	t.Parallel()
	w := &memoryWorld{}
	w.settle = func(_ context.Context, id string) error {
		if r, _ := w.Lookup(id); r.Type == setType {
			return errors.New("0 of 3 instances are healthy in the pool")
		}
		return nil
	}
	s := newStack(t, serve(t, w), standard(t))
	_, err := s.Up(t.Context(), optup.SuppressProgress())
	if err == nil || !strings.Contains(err.Error(), "0 of 3 instances are healthy") {
		t.Fatalf("up: error = %v, want one that says what is not healthy", err)
	}
	if _, err := s.Destroy(t.Context(), optdestroy.SuppressProgress()); err != nil {
		t.Fatalf("destroy: %v", err)
	}
	if left := w.Resources(); len(left) != 0 {
		t.Errorf("after destroy the world has %d resources, want 0: %v", len(left), left)
	}
}

// What could never work is refused with a sentence that names it.
func TestEngineNoRule(t *testing.T) {
	t.Parallel()
	run := standard(t)
	run.noRule = true
	s := newStack(t, serve(t, &memoryWorld{}), run)
	_, err := s.Up(t.Context(), optup.SuppressProgress())
	if err == nil || !strings.Contains(err.Error(), "has no rule of load balancer orchard") {
		t.Errorf("up: error = %v, want one that names the missing rule", err)
	}
}

// What is wrong in a program is refused at preview, with the resource and the
// property, while most of what it refers to is not known yet.
func TestEnginePreviewRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*program)
		want   string
	}{
		"name over its limit": {
			func(p *program) { p.account = "anaccountnameof25letters1" },
			"StorageAccount resource 'releases' has a problem: accountName: \"anaccountnameof25letters1\" has 25 characters, at most 24 are allowed",
		},
		"out of range": {
			func(p *program) { p.interval = 3 },
			"LoadBalancer resource 'public' has a problem: probes[0].intervalInSeconds: is 3, must be at least 5",
		},
		"missing": {
			func(p *program) {
				p.extra = func(s *stack) { s.add(natType, "second", pulumi.Map{"idleTimeoutInMinutes": pulumi.Int(4)}) }
			},
			"NatGateway resource 'second' has a problem: sku: is required and missing",
		},
		"wrong value": {
			func(p *program) {
				p.extra = func(s *stack) { s.add(addressType, "third", pulumi.Map{"publicIPAllocationMethod": text("static")}) }
			},
			"PublicIPAddress resource 'third' has a problem: publicIPAllocationMethod: is \"static\", must be one of",
		},
		"unknown property": {
			func(p *program) {
				p.extra = func(s *stack) { s.add(spaceType, "logs", pulumi.Map{"retention": pulumi.Int(30)}) }
			},
			"Workspace resource 'logs' has a problem: retention: localcloud does not know this property",
		},
		"unknown type": {
			func(p *program) {
				p.extra = func(s *stack) { s.add("azure-native:keyvault/v20241101:Vault", "secrets", pulumi.Map{}) }
			},
			"localcloud does not know the resource type azure-native:keyvault/v20241101:Vault (of secrets)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := standard(t)
			test.change(run)
			var said bytes.Buffer
			s := newStack(t, serve(t, &memoryWorld{}), run)
			_, err := s.Preview(t.Context(), optpreview.ErrorProgressStreams(&said), optpreview.ProgressStreams(&said))
			if err == nil || !strings.Contains(said.String(), test.want) {
				t.Errorf("preview: error %v, and says %s\nwant an error and %q", err, said.String(), test.want)
			}
		})
	}
}

// The whole of what a stack declares, as the world is told.
func TestEngineDeclared(t *testing.T) {
	t.Parallel()
	resources := declared(t)
	allOutputs(t, resources)
	d, cloud, err := azure.Declare(resources)
	if err != nil {
		t.Fatal(err)
	}
	set := find(resources, setType, "app")
	want := world.Group{
		ID: set.ID, Name: set.Outputs["name"].(string), Zones: []string{location + "-1", location + "-2", location + "-3"},
		Min: 3, Max: 6, Desired: 3, Template: set.ID, TemplateVersion: 1,
		Pools: []string{find(resources, balancerType, "public").ID + "/loadBalancingRules/public"},
		Grace: 10 * time.Minute, Notice: 6 * time.Minute, WaitHealthy: 3, WaitTimeout: 10 * time.Minute,
		OwnCheck: &world.HealthCheck{
			Path: "/livez", Port: 8080, Matcher: "200-299", BodyField: "ApplicationHealthState", BodyValue: "Healthy", BodyUnhealthy: "Unhealthy",
			Interval: 5 * time.Second, Timeout: 5 * time.Second, Healthy: 3, Unhealthy: 3,
		},
		Rules: []world.Rule{
			{Metric: "cpu", Operator: ">", Threshold: 60, Period: time.Minute, Window: 5 * time.Minute, Across: "average", Over: "max", Change: 2, Rest: 2 * time.Minute},
			{Metric: "cpu", Operator: "<", Threshold: 25, Period: time.Minute, Window: 5 * time.Minute, Across: "average", Over: "max", Change: -2, Rest: 10 * time.Minute},
		},
		Default: 3, Repairs: &world.Repairs{Share: 5, Tries: 3},
		Rollout: &world.Rollout{
			Bounds: world.Bounds{Min: 100, Max: 120}, Batch: 20, MaxUnhealthy: 20, MaxUnhealthyUpgraded: 20, Stall: 10 * time.Minute,
		},
		Blocked: world.Blocks{}, BlockedFrom: world.Blocks{}, BlockedChecks: world.Blocks{},
	}
	if diff := cmp.Diff(want, d.Groups[set.ID]); diff != "" {
		t.Errorf("group (-want +got):\n%s", diff)
	}
	version := d.Templates[set.ID].Versions[1]
	if want := "one https://orchardreleases.blob.core.windows.net/releases/releases/1/orchard 127.7.0."; !strings.HasPrefix(string(version.UserData), want) {
		t.Errorf("custom data = %q, want it to begin with %q", version.UserData, want)
	}
	var names []string
	for _, id := range cloud.ScaleSets[version.Identity].Identities {
		names = append(names, cloud.Identities[id].Name[:3])
	}
	if diff := cmp.Diff([]string{"adm", "app"}, names); diff != "" {
		t.Errorf("the instances' identities (-want +got):\n%s", diff)
	}
}

// allOutputs says whether every output that the table promises is answered.
func allOutputs(t *testing.T, resources []world.Resource) {
	t.Helper()
	types := azure.Table().Types
	for _, r := range resources {
		for _, name := range types[r.Type].Computed {
			if _, ok := r.Outputs[name]; !ok {
				t.Errorf("%s has no output %s", r.Type, name)
			}
		}
	}
}
