package azurestack

import (
	diagnostics "github.com/pulumi/pulumi-azure-native-sdk/insights/v2/v20210501preview"
	"github.com/pulumi/pulumi-azure-native-sdk/operationalinsights/v2/v20250201"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// logs is where the stack's logs belong. The database and the load balancer
// send theirs; the instances' journals stay on the instance until an agent is
// installed with the release.
type logs struct {
	workspace *v20250201.Workspace
}

const logRetentionDays = 30

func declareLogs(s scope, p parts) (logs, error) {
	workspace, err := v20250201.NewWorkspace(s.Context, "service", &v20250201.WorkspaceArgs{
		ResourceGroupName: s.group.Name,
		Location:          s.location,
		Sku:               v20250201.WorkspaceSkuArgs{Name: pulumi.String("PerGB2018")},
		RetentionInDays:   pulumi.Int(logRetentionDays),
		Tags:              s.named("service"),
	}, s.on)
	if err != nil {
		return logs{}, err
	}
	sources := []struct {
		name string
		id   pulumi.StringInput
		logs bool
	}{
		{"database", p.database.server.ID(), true},
		{"public", p.balancer.balancer.ID(), false},
	}
	for _, source := range sources {
		args := &diagnostics.DiagnosticSettingArgs{
			ResourceUri: source.id,
			WorkspaceId: workspace.ID(),
			Metrics: diagnostics.MetricSettingsArray{diagnostics.MetricSettingsArgs{
				Category: pulumi.String("AllMetrics"), Enabled: pulumi.Bool(true),
			}},
		}
		if source.logs {
			args.Logs = diagnostics.LogSettingsArray{diagnostics.LogSettingsArgs{
				CategoryGroup: pulumi.String("allLogs"), Enabled: pulumi.Bool(true),
			}}
		}
		if _, err := diagnostics.NewDiagnosticSetting(s.Context, source.name, args, s.on); err != nil {
			return logs{}, err
		}
	}
	return logs{workspace}, nil
}
