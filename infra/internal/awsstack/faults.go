package awsstack

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/fis"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/faults"
)

// declareFaults prepares the drills that AWS Fault Injection Service can
// hold. Nothing happens until somebody starts one, and the alarm ends it.
func declareFaults(s scope, p parts, stopper *cloudwatch.MetricAlarm) (pulumi.StringArray, error) {
	zones := make([]string, len(p.network.zones))
	for i, z := range p.network.zones {
		zones[i] = z.zone
	}
	templates, err := faults.Templates(s.stack, zones)
	if err != nil {
		return nil, err
	}
	role, err := declareFaultRole(s, p.database)
	if err != nil {
		return nil, err
	}
	var ids pulumi.StringArray
	for _, each := range templates {
		declared, err := fis.NewExperimentTemplate(s.Context, each.Name, faultArgs(s, each, role, stopper), s.on)
		if err != nil {
			return nil, err
		}
		ids = append(ids, declared.ID())
	}
	return ids, nil
}

func faultArgs(s scope, t faults.Template, role *iam.Role, stopper *cloudwatch.MetricAlarm) *fis.ExperimentTemplateArgs {
	args := &fis.ExperimentTemplateArgs{
		Description: pulumi.String(t.Description),
		RoleArn:     role.Arn,
		Tags:        s.named(t.Name),
		// A stack that has nothing of the kind is no proof of anything.
		ExperimentOptions: fis.ExperimentTemplateExperimentOptionsArgs{EmptyTargetResolutionMode: pulumi.String("fail")},
	}
	var stops fis.ExperimentTemplateStopConditionArray
	for _, each := range t.StopConditions {
		stops = append(stops, fis.ExperimentTemplateStopConditionArgs{Source: pulumi.String(each.Source), Value: stopper.Arn})
	}
	args.StopConditions = stops
	var targets fis.ExperimentTemplateTargetArray
	for _, name := range slices.Sorted(maps.Keys(t.Targets)) {
		targets = append(targets, targetArgs(name, t.Targets[name]))
	}
	args.Targets = targets
	var actions fis.ExperimentTemplateActionArray
	for _, name := range slices.Sorted(maps.Keys(t.Actions)) {
		actions = append(actions, actionArgs(name, t.Actions[name]))
	}
	args.Actions = actions
	return args
}

func targetArgs(name string, t faults.Target) fis.ExperimentTemplateTargetArgs {
	args := fis.ExperimentTemplateTargetArgs{
		Name: pulumi.String(name), ResourceType: pulumi.String(t.ResourceType), SelectionMode: pulumi.String(t.SelectionMode),
	}
	var tags fis.ExperimentTemplateTargetResourceTagArray
	for _, key := range slices.Sorted(maps.Keys(t.ResourceTags)) {
		tags = append(tags, fis.ExperimentTemplateTargetResourceTagArgs{Key: pulumi.String(key), Value: pulumi.String(t.ResourceTags[key])})
	}
	args.ResourceTags = tags
	var filters fis.ExperimentTemplateTargetFilterArray
	for _, each := range t.Filters {
		filters = append(filters, fis.ExperimentTemplateTargetFilterArgs{Path: pulumi.String(each.Path), Values: pulumi.ToStringArray(each.Values)})
	}
	if filters != nil {
		args.Filters = filters
	}
	return args
}

func actionArgs(name string, a faults.Action) fis.ExperimentTemplateActionArgs {
	args := fis.ExperimentTemplateActionArgs{Name: pulumi.String(name), ActionId: pulumi.String(a.ActionID)}
	var parameters fis.ExperimentTemplateActionParameterArray
	for _, key := range slices.Sorted(maps.Keys(a.Parameters)) {
		parameters = append(parameters, fis.ExperimentTemplateActionParameterArgs{Key: pulumi.String(key), Value: pulumi.String(a.Parameters[key])})
	}
	if parameters != nil {
		args.Parameters = parameters
	}
	for key, target := range a.Targets {
		args.Target = fis.ExperimentTemplateActionTargetArgs{Key: pulumi.String(key), Value: pulumi.String(target)}
	}
	if a.StartAfter != nil {
		args.StartAfters = pulumi.ToStringArray(a.StartAfter)
	}
	return args
}

// declareFaultRole is who breaks things: what the shipped templates do, and
// that only to what has the stack's tags.
func declareFaultRole(s scope, db database) (*iam.Role, error) {
	trust := db.instance.Arn.ApplyT(trustFaults).(pulumi.StringOutput)
	role, err := iam.NewRole(s.Context, "faults", &iam.RoleArgs{
		Description:      pulumi.String("Fault Injection Service, for the drills of this stack."),
		AssumeRolePolicy: trust,
		Tags:             s.named("faults"),
	}, s.on)
	if err != nil {
		return nil, fmt.Errorf("declare role: %w", err)
	}
	_, err = grantAll(s, role, []grant{{"break-stack", db.instance.Arn.ApplyT(func(server string) (string, error) {
		return policy(breakStack(s.stack, server)...)
	}).(pulumi.StringOutput)}})
	return role, err
}

func trustFaults(server string) (string, error) {
	account, err := accountOf(server)
	if err != nil {
		return "", err
	}
	return policy(statement{
		Effect: "Allow", Principal: map[string]string{"Service": "fis.amazonaws.com"},
		Action: []string{"sts:AssumeRole"}, Condition: ofAccount(account),
	})
}
