package azurestack

import (
	"github.com/pulumi/pulumi-azure-native-sdk/insights/v2/v20230101"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// monitoringContributor is the built-in role of who looks after alerts.
const monitoringContributor = "749f88d5-cbae-40b8-bcfc-e573ddc772fa"

// declareTopic is where alarms are told: an action group, which mails to
// whoever has the role in the subscription. Who has it is nobody's address in
// the configuration, and changes without a change here.
func declareTopic(s scope) (*v20230101.ActionGroup, error) {
	return v20230101.NewActionGroup(s.Context, "alarms", &v20230101.ActionGroupArgs{
		ResourceGroupName: s.group.Name,
		Location:          pulumi.String("global"),
		GroupShortName:    pulumi.String("orchard"),
		Enabled:           pulumi.Bool(true),
		ArmRoleReceivers: v20230101.ArmRoleReceiverArray{v20230101.ArmRoleReceiverArgs{
			Name: pulumi.String("monitoring-contributors"), RoleId: pulumi.String(monitoringContributor), UseCommonAlertSchema: pulumi.Bool(true),
		}},
		Tags: s.named("alarms"),
	}, s.on)
}
