package awsstack

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// logs is where the instances' journals belong. Nothing sends them yet: they
// stay on the instance until an agent is installed with the release.
type logs struct{ group *cloudwatch.LogGroup }

const logRetentionDays = 30

func declareLogs(s scope) (logs, error) {
	group, err := cloudwatch.NewLogGroup(s.Context, "service", &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(logRetentionDays),
		Tags:            s.named("service"),
	}, s.on)
	return logs{group}, err
}
