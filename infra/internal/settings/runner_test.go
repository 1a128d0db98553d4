package settings_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/infra/internal/settings"
	"orchard/infra/internal/settings/settingstest"
)

// load is what Pulumi.load.yaml sets.
var load = map[string]string{"role": "loadrunner", "serviceStack": "dev", "release": "../bin/loadrunner"}

// TestParseRunner: nothing that only a service needs is asked of a runner, on
// either cloud.
func TestParseRunner(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		changes map[string]string
		want    settings.Runner
	}{
		{nil, settings.Runner{ServiceStack: "dev", Nodes: 5, Rate: 100, Length: 50 * time.Second}},
		{map[string]string{"cloud": "azure", "nodes": "100", "nodeRate": "20"}, settings.Runner{ServiceStack: "dev", Nodes: 100, Rate: 20, Length: 50 * time.Second}},
		{
			map[string]string{"serviceStack": "acme/orchard/prod", "runSeconds": "60", "plan": "plans/steady.yaml"},
			settings.Runner{ServiceStack: "acme/orchard/prod", Nodes: 5, Rate: 100, Length: time.Minute, Plan: "plans/steady.yaml"},
		},
	} {
		config := settingstest.Defaults(t).With(load).With(c.changes)
		got, err := settings.Parse("load", config.Get, config.Names())
		if err != nil {
			t.Errorf("%v: %v", c.changes, err)
			continue
		}
		if diff := cmp.Diff(c.want, got.Runner); diff != "" {
			t.Errorf("runner of %v (-want +got):\n%s", c.changes, diff)
		}
	}
}

func TestRefuseRunner(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key, value, want string
	}{
		{"serviceStack", "", "orchard:serviceStack is empty; name the stack"},
		{"serviceStack", "load", "orchard:serviceStack is load, this stack itself"},
		{"serviceStack", "orchard/dev", `orchard:serviceStack is "orchard/dev"`},
		{"nodes", "0", "orchard:nodes is \"0\"; it must be a whole number from 1 to 100"},
		{"nodes", "101", "from 1 to 100"},
		{"nodeRate", "0", "orchard:nodeRate"},
		{"runSeconds", "61", "orchard:runSeconds is \"61\"; it must be a whole number from 1 to 60"},
		{"writeToken", "", "pulumi config set --secret orchard:writeToken"},
		{"zones", "eu-central-1a", "needs 3 different zones"},
		{"instanceType", "Standard_B2ls_v2", "which is no name of aws"},
	} {
		config := settingstest.Defaults(t).With(load).With(map[string]string{c.key: c.value})
		_, err := settings.Parse("load", config.Get, config.Names())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s=%q: got error %v, want one with %q", c.key, c.value, err, c.want)
		}
	}
}
