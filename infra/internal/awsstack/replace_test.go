package awsstack

import (
	"encoding/base64"
	"strings"
	"testing"

	"orchard/infra/internal/fakecloud"
)

// TestReplacement: a launch comes before a termination, also in a group of one.
func TestReplacement(t *testing.T) {
	for topology, most := range map[string]float64{"regional": 150, "zonal": 200} {
		for _, group := range record(t, map[string]string{"topology": topology}).Of(groupType) {
			fakecloud.Expect(t, group, map[string]any{
				"name": "orchard-dev-" + group.Name,
				"instanceMaintenancePolicy.minHealthyPercentage":   100.0,
				"instanceMaintenancePolicy.maxHealthyPercentage":   most,
				"instanceRefresh.strategy":                         "Rolling",
				"instanceRefresh.preferences.minHealthyPercentage": 100.0,
				"instanceRefresh.preferences.maxHealthyPercentage": most,
				"instanceRefresh.preferences.instanceWarmup":       "60",
				"initialLifecycleHooks[0].name":                    "serving",
				"initialLifecycleHooks[0].lifecycleTransition":     "autoscaling:EC2_INSTANCE_LAUNCHING",
				"initialLifecycleHooks[0].heartbeatTimeout":        300.0,
				"initialLifecycleHooks[0].defaultResult":           "ABANDON",
			})
		}
	}
}

func TestMostHealthy(t *testing.T) {
	t.Parallel()
	for least, want := range map[int]int{1: 200, 2: 150, 3: 150, 100: 150} {
		got := mostHealthy(least)
		if got != want {
			t.Errorf("mostHealthy(%d) = %d, want %d", least, got, want)
		}
		if room := least*got/100 - least; room < 1 {
			t.Errorf("mostHealthy(%d) = %d leaves no room for a launch", least, got)
		}
	}
}

// TestHookNames: user-data completes the hook of the groups that are declared,
// and may do so for those alone.
func TestHookNames(t *testing.T) {
	for topology, want := range map[string]string{"regional": "group=orchard-dev-app\n", "zonal": "group=orchard-dev-$zone\n"} {
		r := record(t, map[string]string{"topology": topology})
		script, err := base64.StdEncoding.DecodeString(fakecloud.Only(t, r, templateType).Inputs["userData"].StringValue())
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{want, "--lifecycle-hook-name serving "} {
			if !strings.Contains(string(script), line) {
				t.Errorf("%s: user-data does not say %q", topology, line)
			}
		}
		grant := r.Of("aws:iam/rolePolicy:RolePolicy")["complete-launch-hook"].Inputs["policy"].StringValue()
		groups := r.Of(groupType)
		if got := strings.Count(grant, "autoScalingGroupName/"); got != len(groups) {
			t.Errorf("%s: the grant names %d groups, want %d: %s", topology, got, len(groups), grant)
		}
		for _, group := range groups {
			if name := group.Inputs["name"].StringValue(); !strings.Contains(grant, "autoScalingGroupName/"+name+`"`) {
				t.Errorf("%s: the grant does not name group %s: %s", topology, name, grant)
			}
		}
	}
}
