package azure_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/provider/azure"
	"orchard/localcloud/internal/provider/providertest"
	"orchard/localcloud/internal/world"
)

func TestDeclareUpgrade(t *testing.T) {
	t.Parallel()
	rolling := func(policy map[string]any) map[string]any {
		return map[string]any{"mode": "Rolling", "rollingUpgradePolicy": policy}
	}
	for name, test := range map[string]struct {
		policy map[string]any
		want   *world.Rollout
	}{
		"manual": {map[string]any{"mode": "Manual"}, nil},
		"manual with a policy": {
			map[string]any{"mode": "Manual", "rollingUpgradePolicy": map[string]any{"maxSurge": true}}, nil,
		},
		"the cloud's defaults, in place": {
			map[string]any{"mode": "Rolling"},
			&world.Rollout{
				Bounds: world.Bounds{Min: 80, Max: 100}, Batch: 20, MaxUnhealthy: 20, MaxUnhealthyUpgraded: 20, Stall: 10 * time.Minute,
			},
		},
		"surge": {
			rolling(map[string]any{"maxSurge": true, "maxBatchInstancePercent": 34.0, "maxUnhealthyInstancePercent": 40.0}),
			&world.Rollout{
				Bounds: world.Bounds{Min: 100, Max: 134}, Batch: 34, MaxUnhealthy: 40, MaxUnhealthyUpgraded: 20, Stall: 10 * time.Minute,
			},
		},
		"everything": {
			rolling(map[string]any{
				"maxSurge": true, "maxUnhealthyUpgradedInstancePercent": 0.0, "pauseTimeBetweenBatches": "PT2M",
				"prioritizeUnhealthyInstances": true, "enableCrossZoneUpgrade": true,
			}),
			&world.Rollout{
				Bounds: world.Bounds{Min: 100, Max: 120}, Batch: 20, MaxUnhealthy: 20, Stall: 10 * time.Minute,
				Pause: 2 * time.Minute, UnhealthyFirst: true, CrossZone: true,
			},
		},
	} {
		all := declared(t)
		set := providertest.Find(all, setType, "app")
		set.Outputs["upgradePolicy"] = test.policy
		d, _, err := azure.Declare(all)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, d.Groups[set.ID].Rollout); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Without repairs an unhealthy instance stays; a rolling upgrade asks for its
// health all the same.
func TestDeclareRepairs(t *testing.T) {
	t.Parallel()
	all := declared(t)
	set := providertest.Find(all, setType, "app")
	set.Outputs["automaticRepairsPolicy"].(map[string]any)["enabled"] = false
	d, _, err := azure.Declare(all)
	if err != nil {
		t.Fatal(err)
	}
	if g := d.Groups[set.ID]; g.Repairs != nil || g.OwnCheck == nil {
		t.Errorf("group without repairs has %+v and asks %+v, want a check alone", g.Repairs, g.OwnCheck)
	}
}
