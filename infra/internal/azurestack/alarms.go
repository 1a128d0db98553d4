package azurestack

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-azure-native-sdk/insights/v2/v20180301"
	"github.com/pulumi/pulumi-azure-native-sdk/insights/v2/v20230101"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/settings"
	"orchard/infra/internal/watch"
)

// alarms are those of the shared description whose signal Azure measures, one
// for each line of the signal.
//
// An alert looks at a window and not at periods one after the other, and it
// is quiet while there is no data: an alarm that silence should ring does not
// ring here when the metric itself is gone.
type alarms []*v20180301.MetricAlert

func (a alarms) ids() pulumi.StringArray {
	list := make(pulumi.StringArray, len(a))
	for i, each := range a {
		list[i] = each.ID().ToStringOutput()
	}
	return list
}

func declareAlarms(s scope, set settings.Settings, p parts, told *v20230101.ActionGroup) (alarms, error) {
	var all alarms
	for _, alarm := range watch.Alarms(set) {
		if _, ok := measured[alarm.Signal]; !ok {
			continue
		}
		b := boundOf(alarm, set)
		for _, line := range linesOf(p, b.namespace) {
			args := alarmArgs(alarm, b)
			args.ResourceGroupName = s.group.Name
			args.Scopes = pulumi.StringArray{line.resource}
			args.Actions = v20180301.MetricAlertActionArray{v20180301.MetricAlertActionArgs{ActionGroupId: told.ID().ToStringOutput()}}
			args.Tags = s.named(alarmName(alarm, line))
			declared, err := v20180301.NewMetricAlert(s.Context, alarmName(alarm, line), args, s.on)
			if err != nil {
				return nil, err
			}
			all = append(all, declared)
		}
	}
	return all, nil
}

func alarmName(alarm watch.Alarm, l line) string {
	if l.name == "" {
		return alarm.Name
	}
	return alarm.Name + "-" + l.name
}

// alarmArgs are the inputs that follow from the description alone.
func alarmArgs(alarm watch.Alarm, b bound) *v20180301.MetricAlertArgs {
	return &v20180301.MetricAlertArgs{
		Location:            pulumi.String("global"),
		Description:         pulumi.String(strings.TrimSpace(fmt.Sprintf("%s %s %s", alarm.Means, alarm.Do, notes[alarm.Signal]))),
		Enabled:             pulumi.Bool(true),
		AutoMitigate:        pulumi.Bool(true),
		Severity:            pulumi.Int(severities[alarm.Severity]),
		EvaluationFrequency: pulumi.String("PT1M"),
		WindowSize:          pulumi.String(window(alarm.Periods)),
		Criteria: v20180301.MetricAlertSingleResourceMultipleMetricCriteriaArgs{
			OdataType: pulumi.String("Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"),
			AllOf: v20180301.MetricCriteriaArray{v20180301.MetricCriteriaArgs{
				CriterionType:   pulumi.String("StaticThresholdCriterion"),
				Name:            pulumi.String(alarm.Name),
				MetricNamespace: pulumi.String(b.namespace),
				MetricName:      pulumi.String(b.name),
				Operator:        pulumi.String(comparisons[b.comparison]),
				Threshold:       pulumi.Float64(b.threshold),
				TimeAggregation: pulumi.String(overWindow(b)),
			}},
		},
	}
}

var comparisons = map[watch.Comparison]string{
	watch.Above: "GreaterThan",
	watch.Below: "LessThan",
}

// severities are Azure's, of 0 critical to 4 verbose.
var severities = map[watch.Severity]int{
	watch.Critical: 0,
	watch.Warning:  2,
}

// window is the shortest of Azure's windows that holds so many minutes.
func window(minutes int) string {
	for _, m := range []int{1, 5, 15, 30} {
		if minutes <= m {
			return fmt.Sprintf("PT%dM", m)
		}
	}
	return "PT1H"
}
