package azurestack

import (
	diagnostics "github.com/pulumi/pulumi-azure-native-sdk/insights/v2/v20210501preview"
	"github.com/pulumi/pulumi-azure-native-sdk/operationalinsights/v2/v20250201"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/settings"
)

// observed is what watches the stack: its logs, its alarms and its page of
// charts.
type observed struct {
	logs      *v20250201.Workspace
	alarms    alarms
	dashboard dashboard
}

const logRetentionDays = 30

func declareObserve(s scope, set settings.Settings, tenant string, p parts) (o observed, err error) {
	if o.logs, err = declareLogs(s, p); err != nil {
		return o, err
	}
	told, err := declareTopic(s)
	if err != nil {
		return o, err
	}
	if o.alarms, err = declareAlarms(s, set, p, told); err != nil {
		return o, err
	}
	o.dashboard, err = declareDashboard(s, tenant, p)
	return o, err
}

// declareLogs is where the stack's logs belong. The database and the load
// balancer send theirs; the instances' journals stay on the instance until an
// agent is installed with the release.
func declareLogs(s scope, p parts) (*v20250201.Workspace, error) {
	workspace, err := v20250201.NewWorkspace(s.Context, "service", &v20250201.WorkspaceArgs{
		ResourceGroupName: s.group.Name,
		Location:          s.location,
		Sku:               v20250201.WorkspaceSkuArgs{Name: pulumi.String("PerGB2018")},
		RetentionInDays:   pulumi.Int(logRetentionDays),
		Tags:              s.named("service"),
	}, s.on)
	if err != nil {
		return nil, err
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
			return nil, err
		}
	}
	return workspace, nil
}
