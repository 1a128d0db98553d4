package awsstack

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/settings"
	"orchard/infra/internal/watch"
)

// alarms are those of the shared description whose signal AWS measures, one
// for each line of the signal.
type alarms struct {
	declared []*cloudwatch.MetricAlarm
	// stopper ends a fault that is under way.
	stopper *cloudwatch.MetricAlarm
}

func (a alarms) arns() pulumi.StringArray {
	list := make(pulumi.StringArray, len(a.declared))
	for i, each := range a.declared {
		list[i] = each.Arn
	}
	return list
}

func declareAlarms(s scope, set settings.Settings, p parts, topic *sns.Topic) (alarms, error) {
	var all alarms
	for _, alarm := range watch.Alarms(set) {
		if _, ok := measured[alarm.Signal]; !ok {
			continue
		}
		for _, line := range linesOf(p, alarm.Signal.Scope()) {
			declared, err := cloudwatch.NewMetricAlarm(s.Context, alarmName(alarm, line), alarmArgs(s, alarm, line, topic), s.on)
			if err != nil {
				return alarms{}, err
			}
			all.declared = append(all.declared, declared)
			if alarm.Stops {
				all.stopper = declared
			}
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

func alarmArgs(s scope, alarm watch.Alarm, l line, topic *sns.Topic) *cloudwatch.MetricAlarmArgs {
	told := pulumi.Array{topic.Arn}
	return &cloudwatch.MetricAlarmArgs{
		AlarmDescription:   pulumi.String(fmt.Sprintf("%s: %s %s", alarm.Severity, alarm.Means, alarm.Do)),
		MetricQueries:      queries(measured[alarm.Signal], l),
		ComparisonOperator: pulumi.String(comparisons[alarm.Comparison]),
		Threshold:          pulumi.Float64(alarm.Threshold),
		EvaluationPeriods:  pulumi.Int(alarm.Periods),
		DatapointsToAlarm:  pulumi.Int(alarm.Periods),
		TreatMissingData:   pulumi.String(silence(alarm)),
		AlarmActions:       told,
		OkActions:          told,
		Tags:               s.named(alarmName(alarm, l)),
	}
}

var comparisons = map[watch.Comparison]string{
	watch.Above: "GreaterThanThreshold",
	watch.Below: "LessThanThreshold",
}

func silence(alarm watch.Alarm) string {
	if alarm.SilenceRings {
		return "breaching"
	}
	return "notBreaching"
}

// queries ask for the series' metrics, and return the one or the expression
// over them.
func queries(s series, l line) cloudwatch.MetricAlarmMetricQueryArray {
	dimensions := pulumi.StringMap{}
	for _, d := range l.dimensions {
		dimensions[d.key] = d.value
	}
	var list cloudwatch.MetricAlarmMetricQueryArray
	var ids []string
	for i, m := range s.metrics {
		ids = append(ids, fmt.Sprintf("m%d", i+1))
		list = append(list, cloudwatch.MetricAlarmMetricQueryArgs{
			Id: pulumi.String(ids[i]),
			Metric: cloudwatch.MetricAlarmMetricQueryMetricArgs{
				Namespace: pulumi.String(m.namespace), MetricName: pulumi.String(m.name), Stat: pulumi.String(m.stat),
				Period: pulumi.Int(watch.PeriodSeconds), Dimensions: dimensions,
			},
			ReturnData: pulumi.Bool(s.expression == ""),
		})
	}
	if s.expression == "" {
		return list
	}
	return append(list, cloudwatch.MetricAlarmMetricQueryArgs{
		Id: pulumi.String("signal"), Expression: pulumi.String(s.math(ids)), ReturnData: pulumi.Bool(true),
	})
}
