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
		m, ok := measured[alarm.Signal]
		if !ok {
			continue
		}
		for _, line := range linesOf(p, m.namespace) {
			args := alarmArgs(alarm, m, threshold(alarm, set.Fleet))
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
func alarmArgs(alarm watch.Alarm, m metric, threshold float64) *v20180301.MetricAlertArgs {
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
				MetricNamespace: pulumi.String(m.namespace),
				MetricName:      pulumi.String(m.name),
				Operator:        pulumi.String(comparisons[alarm.Comparison]),
				Threshold:       pulumi.Float64(threshold),
				TimeAggregation: pulumi.String(overWindow(alarm.Comparison, m)),
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

// overWindow puts a window into one number. Of a metric with one value at a
// time it is the value nearest to being right, so that the alarm rings when
// all of the window is past the threshold; of one with values of many
// instances or targets, the nearest would be that of the best of them, so it
// is their average.
func overWindow(c watch.Comparison, m metric) string {
	switch {
	case m.namespace == ofBalancer || m.namespace == ofGroup:
		return "Average"
	case c == watch.Below:
		return "Maximum"
	default:
		return "Minimum"
	}
}
