package aws_test

import (
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/provider/aws"
	"orchard/localcloud/internal/provider/providertest"
	"orchard/localcloud/internal/world"
)

// replacing is what a group declares about the replacement of its instances.
func replacing(t *testing.T, outputs map[string]any) world.Group {
	t.Helper()
	all := map[string]any{
		"name": "app", "launchTemplate": map[string]any{"id": "lt-1", "version": "4"}, "healthCheckGracePeriod": 180.0,
	}
	maps.Copy(all, outputs)
	d, _, err := aws.Declare([]world.Resource{record(groupType, "app", provider.Normalise(aws.Table().Types[groupType].Properties, all))})
	if err != nil {
		t.Fatal(err)
	}
	g := d.Groups["app"]
	return world.Group{Maintenance: g.Maintenance, Hook: g.Hook, Rollout: g.Rollout}
}

func TestDeclareReplacement(t *testing.T) {
	t.Parallel()
	bare := map[string]any{"strategy": "Rolling"}
	for name, test := range map[string]struct {
		in   map[string]any
		want world.Group
	}{
		"nothing": {map[string]any{}, world.Group{}},
		"policy": {
			map[string]any{"instanceMaintenancePolicy": healthy(100, 150)},
			world.Group{Maintenance: world.Bounds{Min: 100, Max: 150}},
		},
		"policy cleared": {map[string]any{"instanceMaintenancePolicy": healthy(-1, -1)}, world.Group{}},
		"refresh by the API's defaults": {
			map[string]any{"instanceRefresh": bare},
			world.Group{Rollout: &world.Rollout{Bounds: world.Bounds{Min: 90, Max: 100}, Warmup: 180 * time.Second, Stall: time.Hour}},
		},
		"refresh by the policy": {
			map[string]any{"instanceRefresh": bare, "instanceMaintenancePolicy": healthy(100, 150), "defaultInstanceWarmup": 0.0},
			world.Group{
				Maintenance: world.Bounds{Min: 100, Max: 150},
				Rollout:     &world.Rollout{Bounds: world.Bounds{Min: 100, Max: 150}, Stall: time.Hour},
			},
		},
		"refresh by its preferences": {
			map[string]any{"instanceRefresh": rolling("instanceWarmup", "60"), "instanceMaintenancePolicy": healthy(100, 150), "defaultInstanceWarmup": 120.0},
			world.Group{
				Maintenance: world.Bounds{Min: 100, Max: 150},
				Rollout:     &world.Rollout{Bounds: world.Bounds{Min: 90, Max: 100}, Warmup: time.Minute, Stall: time.Hour},
			},
		},
		"refresh of a version that never differs": {
			map[string]any{"instanceRefresh": bare, "launchTemplate": map[string]any{"id": "lt-1", "version": "$Latest"}}, world.Group{},
		},
		"hook by the API's defaults": {
			map[string]any{"initialLifecycleHooks": []any{hook("name", "ready")}},
			world.Group{Hook: &world.Hook{Name: "ready", Heartbeat: time.Hour, Abandon: true}},
		},
		"hook that lets pass": {
			map[string]any{"initialLifecycleHooks": []any{hook("defaultResult", "CONTINUE")}},
			world.Group{Hook: &world.Hook{Name: "ready", Heartbeat: time.Hour}},
		},
	} {
		if diff := cmp.Diff(test.want, replacing(t, test.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A hook is set at the create alone; a group of a fixed name goes before it
// comes again.
func TestHookReplaces(t *testing.T) {
	t.Parallel()
	w := newWorld(world.Resource{ID: "orchard-app", URN: providertest.URN(groupType, "app"), Type: groupType, Confirmed: true})
	c := providertest.Connect(t, serve(t, w), inFrankfurt)
	for _, test := range []struct {
		property  string
		old, next any
		replaces  bool
	}{
		{"initialLifecycleHooks", []any{hook("heartbeatTimeout", 300.0)}, []any{hook("heartbeatTimeout", 600.0)}, true},
		{"initialLifecycleHooks", []any{hook("heartbeatTimeout", 3600.0)}, []any{hook("name", "ready")}, false},
		{"instanceRefresh", rolling("minHealthyPercentage", 90.0), rolling("minHealthyPercentage", 100.0), false},
	} {
		olds, news := fleet(test.property, test.old), fleet(test.property, test.next)
		olds["name"], news["name"] = "orchard-app", "orchard-app"
		out, err := c.Diff(t.Context(), &pulumirpc.DiffRequest{Id: "orchard-app", Urn: providertest.URN(groupType, "app"), OldInputs: c.Pack(olds), News: c.Pack(news)})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(out.GetReplaces()) > 0; got != test.replaces || out.GetDeleteBeforeReplace() != test.replaces {
			t.Errorf("%s from %v to %v: replaces %v, want %v", test.property, test.old, test.next, out.GetReplaces(), test.replaces)
		}
	}
}
