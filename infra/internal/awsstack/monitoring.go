package awsstack

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// monitoringInterval is how often, in seconds, the database's host is
// measured.
const monitoringInterval = 60

const monitoringPolicy = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"

// declareMonitor is the role by which RDS writes what it measures of the
// database's host to the account's logs.
func declareMonitor(s scope, n network) (*iam.RolePolicyAttachment, pulumi.StringOutput, error) {
	trust := n.vpc.OwnerId.ApplyT(func(account string) (string, error) {
		return policy(statement{
			Effect:    "Allow",
			Principal: map[string]string{"Service": "monitoring.rds.amazonaws.com"},
			Action:    []string{"sts:AssumeRole"},
			Condition: map[string]map[string]string{"StringEquals": {"aws:SourceAccount": account}},
		})
	}).(pulumi.StringOutput)
	role, err := iam.NewRole(s.Context, "monitor", &iam.RoleArgs{
		Description:      pulumi.String("Measures the database's host."),
		AssumeRolePolicy: trust,
		Tags:             s.named("monitor"),
	}, s.on)
	if err != nil {
		return nil, pulumi.StringOutput{}, err
	}
	attached, err := iam.NewRolePolicyAttachment(s.Context, "monitor", &iam.RolePolicyAttachmentArgs{
		Role: role.Name, PolicyArn: pulumi.String(monitoringPolicy),
	}, s.on)
	return attached, role.Arn, err
}

// declareEvents tells a topic what happens to the database: to the server, to
// its parameters, and to security groups of the old kind, of which the stack
// has none and would hear.
func declareEvents(s scope, db database, to topic) error {
	for _, source := range []struct {
		name, kind string
		of         pulumi.StringArrayInput
		categories []string
	}{
		{"database", "db-instance", pulumi.StringArray{db.instance.Identifier}, []string{"configuration change", "failover", "failure", "low storage", "maintenance", "notification", "recovery"}},
		{"parameters", "db-parameter-group", pulumi.StringArray{db.parameters.Name}, []string{"configuration change"}},
		{"old-groups", "db-security-group", nil, []string{"configuration change", "failure"}},
	} {
		_, err := rds.NewEventSubscription(s.Context, source.name, &rds.EventSubscriptionArgs{
			SnsTopic:        to.Arn,
			SourceType:      pulumi.String(source.kind),
			SourceIds:       source.of,
			EventCategories: pulumi.ToStringArray(source.categories),
			Enabled:         pulumi.Bool(true),
			Tags:            s.named(source.name),
		}, s.on, pulumi.DependsOn([]pulumi.Resource{to.permit}))
		if err != nil {
			return err
		}
	}
	return nil
}
