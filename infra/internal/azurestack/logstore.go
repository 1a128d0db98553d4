package azurestack

import (
	armnetwork "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/settings"
)

// flowLogDays is how long the record of connections is kept.
const flowLogDays = 90

// declareFlowLogs keeps a record of who connects to whom in the network, in
// the release's account. Only a production-sized stack has one, because each
// gigabyte is paid for. It belongs to the region's network watcher, of which a
// subscription has one, made by Azure itself with the first network.
func declareFlowLogs(s scope, set settings.Settings, n network, store releaseStore) error {
	if set.Size != settings.Production {
		return nil
	}
	_, err := armnetwork.NewFlowLog(s.Context, "network", &armnetwork.FlowLogArgs{
		ResourceGroupName:  pulumi.String("NetworkWatcherRG"),
		NetworkWatcherName: pulumi.String("NetworkWatcher_" + set.Region),
		Location:           s.location,
		TargetResourceId:   n.vnet.ID(),
		StorageId:          store.account.ID(),
		Enabled:            pulumi.Bool(true),
		Format:             armnetwork.FlowLogFormatParametersArgs{Type: pulumi.String("JSON"), Version: pulumi.Int(2)},
		RetentionPolicy:    armnetwork.RetentionPolicyParametersArgs{Enabled: pulumi.Bool(true), Days: pulumi.Int(flowLogDays)},
		Tags:               s.named("network"),
	}, s.on)
	return err
}
