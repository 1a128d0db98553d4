package azure

import (
	"time"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// upgradePolicy says how running instances get a new model. Automatic is
// refused: it may take all instances down at once, and it runs no custom data
// again, which is what a localcloud instance is made from.
func upgradePolicy() provider.Property {
	return object(properties{
		"mode":                 text().Needed().OneOf("Manual", "Automatic", "Rolling").Like(`^(Manual|Rolling)$`, "Manual or Rolling: localcloud upgrades instances in batches"),
		"rollingUpgradePolicy": object(rollingPolicy()),
	}).Needed()
}

func rollingPolicy() properties {
	percent := func(low float64) provider.Property { return integer().Or(20.0).Between(low, 100) }
	return properties{
		"enableCrossZoneUpgrade":              flag().Or(false),
		"maxBatchInstancePercent":             percent(5),
		"maxSurge":                            flag().Or(false),
		"maxUnhealthyInstancePercent":         percent(5),
		"maxUnhealthyUpgradedInstancePercent": percent(0),
		"pauseTimeBetweenBatches":             duration().Or("PT0S"),
		"prioritizeUnhealthyInstances":        flag().Or(false),
	}
}

// checkUpgrade refuses what no instance could be upgraded by: a batch is
// unhealthy while it is upgraded.
// Source: API reference, RollingUpgradePolicy.maxUnhealthyInstancePercent.
func checkUpgrade(in provider.Inputs) failures {
	policy := in.Object("upgradePolicy")
	if _, checked := healthCheck(in.Object("virtualMachineProfile")); policy.Text("mode") == "Rolling" && !checked {
		return refuse("upgradePolicy.mode", "is \"Rolling\", which needs the extension %s", healthExtension)
	}
	rolling := policy.Object("rollingUpgradePolicy")
	batch, unhealthy := rolling.Int("maxBatchInstancePercent"), rolling.Int("maxUnhealthyInstancePercent")
	if rolling.Known("maxBatchInstancePercent") && rolling.Known("maxUnhealthyInstancePercent") && batch > unhealthy {
		return refuse("upgradePolicy.rollingUpgradePolicy.maxBatchInstancePercent", "is %d, above maxUnhealthyInstancePercent %d", batch, unhealthy)
	}
	return nil
}

// upgradeStall is how long a rolling upgrade goes on without progress. The
// cloud documents no such time; this one is chosen, as long as the shortest
// grace period of its repairs.
const upgradeStall = 10 * time.Minute

// rollout is a rolling upgrade. With surge the instances of a batch come
// before the old ones go. Without, the cloud upgrades them in place; here they
// are replaced, so that custom data runs again, which in the cloud needs a
// reimage besides.
func rollout(set provider.Inputs) *world.Rollout {
	policy := set.Object("upgradePolicy")
	if policy.Text("mode") != "Rolling" {
		return nil
	}
	rolling := provider.Normalise(rollingPolicy(), policy.Object("rollingUpgradePolicy"))
	batch := rolling.Int("maxBatchInstancePercent")
	out := &world.Rollout{
		Bounds: world.Bounds{Min: 100 - batch, Max: 100}, Stall: upgradeStall,
		Batch: batch, Pause: lasting(rolling.Text("pauseTimeBetweenBatches")),
		MaxUnhealthy:         rolling.Int("maxUnhealthyInstancePercent"),
		MaxUnhealthyUpgraded: rolling.Int("maxUnhealthyUpgradedInstancePercent"),
		UnhealthyFirst:       rolling.Flag("prioritizeUnhealthyInstances"),
		CrossZone:            rolling.Flag("enableCrossZoneUpgrade"),
	}
	if rolling.Flag("maxSurge") {
		out.Bounds = world.Bounds{Min: 100, Max: 100 + batch}
	}
	return out
}
