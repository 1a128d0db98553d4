package azure_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/localcloud/internal/provider/azure"
	"orchard/localcloud/internal/provider/providertest"
	"orchard/localcloud/internal/world"
)

// newStack is a stack of the real engine, attached to a provider server.
func newStack(t *testing.T, address string, run *program) auto.Stack {
	t.Helper()
	return providertest.NewStack(t, "azure-native", address, func(ctx *pulumi.Context) error { return run.run(ctx) })
}

func standard(t *testing.T) *program {
	t.Helper()
	return &program{script: "one", release: providertest.Release(t), interval: 5, capacity: 3, account: "orchardreleases"}
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
	if got := fmt.Sprint(first.Outputs["endpoint"].Value); !strings.HasPrefix(got, "127.7.0.") {
		t.Errorf("endpoint = %v, want the world's address of the database", got)
	}
	providertest.UpAgain(t, s, w, created)

	run.script, run.interval, run.capacity = "two", 10, 5
	updated := providertest.Up(t, s)
	if diff := cmp.Diff(map[string]int{"same": created - 2, "update": 2}, providertest.Changes(t, updated.Summary.ResourceChanges)); diff != "" {
		t.Errorf("changed custom data, probe and ignored capacity (-want +got):\n%s", diff)
	}
	if got := w.Of(setType)[0].Private["latest"]; got != 2.0 {
		t.Errorf("latest version of the model = %v, want 2", got)
	}

	run.account = "orchardother"
	replaced := providertest.Up(t, s)
	if got := providertest.Changes(t, replaced.Summary.ResourceChanges)["replace"]; got != 4 {
		t.Errorf("changed account: changes = %v, want 4 replaces: account, container, blob, grant", providertest.Changes(t, replaced.Summary.ResourceChanges))
	}
	if accounts := w.Of(accountType); len(accounts) != 1 || accounts[0].Outputs["name"] != "orchardother" {
		t.Errorf("after the replacement the world has the accounts %v, want the new one alone", accounts)
	}

	providertest.Refresh(t, s, w, scaleType)
	providertest.Destroy(t, s, w)
}

// A scale set that does not become healthy fails the run, and is on the
// engine's record, so that destroy finds it.
func TestEngineGroupFails(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.OnSettle = func(_ context.Context, id string) error {
		if r, _ := w.Lookup(id); r.Type == setType {
			return errors.New("0 of 3 instances are healthy in the pool")
		}
		return nil
	}
	s := newStack(t, serve(t, w), standard(t))
	providertest.UpFails(t, s, "0 of 3 instances are healthy")
	providertest.Destroy(t, s, w)
}

// What could never work is refused with a sentence that names it.
func TestEngineNoRule(t *testing.T) {
	t.Parallel()
	run := standard(t)
	run.noRule = true
	s := newStack(t, serve(t, newWorld()), run)
	providertest.UpFails(t, s, "has no rule of load balancer orchard")
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
			s := newStack(t, serve(t, newWorld()), run)
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
	providertest.AllOutputs(t, azure.Table(), resources)
	d, cloud, err := azure.Declare(resources)
	if err != nil {
		t.Fatal(err)
	}
	set := providertest.Find(resources, setType, "app")
	want := world.Group{
		ID: set.ID, Name: set.Outputs["name"].(string), Zones: []string{location + "-1", location + "-2", location + "-3"},
		Min: 3, Max: 6, Desired: 3, Template: set.ID, TemplateVersion: 1,
		Pools: []string{providertest.Find(resources, balancerType, "public").ID + "/loadBalancingRules/public"},
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
