package awsstack

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/settings"
)

// observed is what watches the stack: its logs, its alarms, its page of
// charts, and the faults that are ready to be put to it.
type observed struct {
	logs      *cloudwatch.LogGroup
	alarms    alarms
	dashboard dashboard
	faults    pulumi.StringArray
}

const logRetentionDays = 30

func declareObserve(s scope, set settings.Settings, p parts) (o observed, err error) {
	if o.logs, err = declareLogs(s); err != nil {
		return o, err
	}
	topic, err := declareTopic(s, p.database)
	if err != nil {
		return o, err
	}
	if o.alarms, err = declareAlarms(s, set, p, topic.Topic); err != nil {
		return o, err
	}
	if err := declareEvents(s, p.database, topic); err != nil {
		return o, err
	}
	if o.dashboard, err = declareDashboard(s, set, p, o.alarms); err != nil {
		return o, err
	}
	o.faults, err = declareFaults(s, p, o.alarms.stopper)
	return o, err
}

// declareLogs is where the instances' journals belong. Nothing sends them
// yet: they stay on the instance until an agent is installed with the
// release.
func declareLogs(s scope) (*cloudwatch.LogGroup, error) {
	return cloudwatch.NewLogGroup(s.Context, "service", &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(logRetentionDays),
		Tags:            s.named("service"),
	}, s.on)
}
