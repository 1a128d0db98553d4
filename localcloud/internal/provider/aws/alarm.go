package aws

import (
	"fmt"
	"regexp"
	"slices"

	"orchard/localcloud/internal/provider"
)

// alarmTypes are recorded: localcloud publishes no metrics, so no alarm rings
// here. What is wrong in a declaration is refused as CloudWatch refuses it.
func alarmTypes() map[string]provider.Type {
	actions := func() provider.Property { return texts().Length(0, 5).NoEffect() }
	return map[string]provider.Type{
		typeMetricAlarm: {
			Properties: properties{
				"name":               name(255, `^[ -~]+$`, "printable characters"),
				"alarmDescription":   text().Length(0, 1024).NoEffect(),
				"actionsEnabled":     flag().Or(true).NoEffect(),
				"alarmActions":       actions(),
				"okActions":          actions(),
				"comparisonOperator": text().Needed().OneOf("GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold").NoEffect(),
				"threshold":          provider.Number().Needed().NoEffect(),
				"evaluationPeriods":  integer().Needed().AtLeast(1).NoEffect(),
				"datapointsToAlarm":  integer().AtLeast(1).NoEffect(),
				"treatMissingData":   text().Or("missing").OneOf("missing", "ignore", "breaching", "notBreaching").NoEffect(),
				"metricName":         text().Length(1, 255).Not("metricQueries").NoEffect(),
				"namespace":          text().Length(1, 255).Not("metricQueries").NoEffect(),
				"dimensions":         provider.Map(text()).Length(0, 30).Not("metricQueries").NoEffect(),
				"period":             period().Not("metricQueries").NoEffect(),
				"statistic":          text().OneOf("SampleCount", "Average", "Sum", "Minimum", "Maximum").Not("metricQueries", "extendedStatistic").NoEffect(),
				"extendedStatistic":  text().Not("metricQueries").NoEffect(),
				"metricQueries":      provider.Set(metricQuery()).NoEffect(),
				"tags":               tags(),
			},
			Name: autoName("name", 255), Space: "alarm",
			Computed: []string{"arn", "evaluateLowSampleCountPercentiles", "tagsAll"},
			Moves:    tagsMove(), Check: checkAlarm, Compute: computeAlarm,
		},
	}
}

// period is in seconds.
func period() provider.Property { return integer().AtLeast(10) }

func metricQuery() provider.Property {
	return provider.Object(properties{
		"id":         text().Needed().Like(`^[a-z][A-Za-z0-9_]*$`, "letters, digits and _, a lower-case letter first"),
		"label":      text(),
		"expression": text().Length(1, 1024),
		"period":     period(),
		"returnData": flag().Or(false),
		"metric": provider.Object(properties{
			"namespace": text().Length(1, 255), "metricName": text().Needed().Length(1, 255), "stat": text().Needed(),
			"period": period().Needed(), "dimensions": provider.Map(text()).Length(0, 30), "unit": text(),
		}),
	})
}

func checkAlarm(in provider.Inputs) failures {
	if in.Int("datapointsToAlarm") > in.Int("evaluationPeriods") {
		return refuse("datapointsToAlarm", "is %d, more than the evaluationPeriods %d", in.Int("datapointsToAlarm"), in.Int("evaluationPeriods"))
	}
	if in.Has("metricQueries") {
		return checkQueries(in.Objects("metricQueries"))
	}
	if !in.Has("metricName") {
		return refuse("metricName", "is required and missing, as are metricQueries")
	}
	for _, key := range []string{"namespace", "period"} {
		if !in.Has(key) {
			return refuse(key, "is required with metricName")
		}
	}
	if !in.Has("statistic") && !in.Has("extendedStatistic") {
		return refuse("statistic", "is required with metricName, or extendedStatistic")
	}
	return nil
}

// idsOf finds what an expression names: ids begin with a lower-case letter
// and functions with a capital one.
var idsOf = regexp.MustCompile(`\b[a-z][A-Za-z0-9_]*\b`)

// checkQueries wants one result, and expressions over ids that are there.
func checkQueries(queries []provider.Inputs) failures {
	var ids []string
	results := 0
	for _, query := range queries {
		if slices.Contains(ids, query.Text("id")) {
			return refuse("metricQueries", "have the id %q twice", query.Text("id"))
		}
		ids = append(ids, query.Text("id"))
		if query.Flag("returnData") {
			results++
		}
	}
	if results != 1 {
		return refuse("metricQueries", "return the data of %d queries, must return that of one", results)
	}
	for i, query := range queries {
		if query.Has("expression") == query.Has("metric") {
			return refuse(fmt.Sprintf("metricQueries[%d]", i), "needs a metric or an expression, and not both")
		}
		for _, id := range idsOf.FindAllString(query.Text("expression"), -1) {
			if !slices.Contains(ids, id) {
				return refuse(fmt.Sprintf("metricQueries[%d].expression", i), "names %q, must be one of %q", id, ids)
			}
		}
	}
	return nil
}

func computeAlarm(req request) (result, error) {
	alarm := req.Inputs.Text("name")
	return answer(req, alarm, map[string]any{
		"arn": arn("cloudwatch", region(req), "alarm:"+alarm), "evaluateLowSampleCountPercentiles": "",
	}), nil
}
