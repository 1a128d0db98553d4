package awsstack

import (
	"strconv"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// A new instance completes the hook at the end of its user-data, and takes
// requests from then on. One whose boot ends badly says so and is replaced; one
// that says nothing is given up after the heartbeat, which is longer than a boot
// that has to wait for a failover of the database.
//
// A hook is set when its group is created. A change of it replaces the group,
// and as the group has a fixed name the old one would go first: whoever changes
// the hook gives the groups another name too.
const (
	hookName      = "serving"
	hookHeartbeat = 300 * time.Second
)

// refreshWarmup is how long a refresh watches a new instance, under load,
// before it goes on to the next.
const refreshWarmup = 60 * time.Second

// groupName is a scaling group's name. It is fixed, because the instances and
// the right to complete their hook name the group before it exists.
func groupName(stack, part string) string { return "orchard-" + stack + "-" + part }

// Instances are replaced by a launch first and a termination after: never fewer
// than desired are healthy.
const leastHealthy = 100

// mostHealthy leaves room for half as many instances again while they are
// replaced, and for at least one in a group of min. The pools of database
// connections are small enough for twice the fleet.
func mostHealthy(min int) int { return 100 + max(50, 100/min) }

func launchHook() autoscaling.GroupInitialLifecycleHookArray {
	return autoscaling.GroupInitialLifecycleHookArray{autoscaling.GroupInitialLifecycleHookArgs{
		Name:                pulumi.String(hookName),
		LifecycleTransition: pulumi.String("autoscaling:EC2_INSTANCE_LAUNCHING"),
		HeartbeatTimeout:    seconds(hookHeartbeat),
		DefaultResult:       pulumi.String("ABANDON"),
	}}
}

// maintenance bounds the replacement of unhealthy instances and of those that
// are moved between zones.
func maintenance(min int) autoscaling.GroupInstanceMaintenancePolicyArgs {
	return autoscaling.GroupInstanceMaintenancePolicyArgs{
		MinHealthyPercentage: pulumi.Int(leastHealthy), MaxHealthyPercentage: pulumi.Int(mostHealthy(min)),
	}
}

// refresh brings a new version of the launch template to the instances that
// run. The provider starts it and does not wait for its end. It has no
// rollback: the provider changes the group before it starts the refresh, so
// there would be nothing to go back to. An older release is deployed again.
func refresh(min int) autoscaling.GroupInstanceRefreshArgs {
	return autoscaling.GroupInstanceRefreshArgs{
		Strategy: pulumi.String("Rolling"),
		Preferences: autoscaling.GroupInstanceRefreshPreferencesArgs{
			MinHealthyPercentage: pulumi.Int(leastHealthy),
			MaxHealthyPercentage: pulumi.Int(mostHealthy(min)),
			InstanceWarmup:       pulumi.String(strconv.Itoa(int(refreshWarmup.Seconds()))),
		},
	}
}
