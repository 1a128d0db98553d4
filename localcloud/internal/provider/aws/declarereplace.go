package aws

import (
	"strconv"
	"time"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// refreshStall is how long an instance refresh goes on without progress.
// Source: EC2 Auto Scaling user guide, instance refresh.
const refreshStall = time.Hour

// maintenance is a group's policy; the zero value where it has none.
func maintenance(group provider.Inputs) world.Bounds {
	policy := group.Object("instanceMaintenancePolicy")
	if policy.Int("maxHealthyPercentage") < 100 { // none, or cleared
		return world.Bounds{}
	}
	return bounds(policy)
}

func bounds(in provider.Inputs) world.Bounds {
	return world.Bounds{Min: in.Int("minHealthyPercentage"), Max: in.Int("maxHealthyPercentage")}
}

// rollout is a group's instance refresh. Without preferences it goes by the
// maintenance policy, and without that by the API's own defaults.
func rollout(group provider.Inputs) *world.Rollout {
	if !group.Has("instanceRefresh") || !hasNumber(group) {
		return nil
	}
	preferences := group.Object("instanceRefresh").Object("preferences")
	out := &world.Rollout{Bounds: world.Bounds{Min: 90, Max: 100}, Warmup: refreshWarmup(group), Stall: refreshStall}
	if policy := maintenance(group); policy != (world.Bounds{}) {
		out.Bounds = policy
	}
	if preferences.Has("maxHealthyPercentage") {
		out.Bounds = bounds(preferences)
	}
	return out
}

// refreshWarmup is the refresh's own, the group's default, or its grace
// period. Source: API reference, RefreshPreferences.
func refreshWarmup(group provider.Inputs) time.Duration {
	preferences := group.Object("instanceRefresh").Object("preferences")
	if n, err := strconv.Atoi(preferences.Text("instanceWarmup")); err == nil {
		return seconds(n)
	}
	if n := group.Int("defaultInstanceWarmup"); group.Has("defaultInstanceWarmup") && n >= 0 {
		return seconds(n)
	}
	return seconds(group.Int("healthCheckGracePeriod"))
}

func launchHook(group provider.Inputs) *world.Hook {
	for _, hook := range group.Objects("initialLifecycleHooks") {
		return &world.Hook{
			Name: hook.Text("name"), Heartbeat: seconds(hook.Int("heartbeatTimeout")),
			Abandon: hook.Text("defaultResult") == abandon,
		}
	}
	return nil
}
