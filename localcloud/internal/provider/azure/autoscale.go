package azure

import (
	"fmt"
	"strconv"
	"time"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

const (
	kindAutoscale = "Microsoft.Insights/autoscaleSettings"

	metricCPU = "Percentage CPU"
)

func autoscaleTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeAutoscale: {
			Properties: at(properties{
				"autoscaleSettingName":   name(1, 260, `^[^<>%&:?/#+\\]+$`, "no < > % & : ? / # + or \\"),
				"name":                   text().NoEffect(),
				"enabled":                flag().Or(false),
				"targetResourceUri":      id().Needed(),
				"targetResourceLocation": text().NoEffect().Same(placeName),
				"profiles":               list(scaleProfile()).Needed().Length(1, 1),
				"predictiveAutoscalePolicy": object(properties{
					"scaleMode":          text().Needed().OneOf("Disabled", "ForecastOnly", "Enabled").Like(`^(Disabled|ForecastOnly)$`, "Disabled or ForecastOnly: localcloud foresees nothing"),
					"scaleLookAheadTime": duration(),
				}).NoEffect(),
				"notifications": list(object(properties{
					"operation": text().Needed().OneOf("Scale"),
					"email":     object(properties{"customEmails": texts(), "sendToSubscriptionAdministrator": flag(), "sendToSubscriptionCoAdministrators": flag()}),
				})).NoEffect(),
			}),
			Name:     autoName("autoscaleSettingName", 260),
			Computed: outputs("location", "systemData"),
			Check:    checkAutoscale, Compute: computeAutoscale,
		},
	}
}

func scaleProfile() provider.Property {
	count := func() provider.Property { return text().Needed().Like(`^\d+$`, "a count as text such as \"3\"") }
	return object(properties{
		"name":     text().Needed().Length(1, 0),
		"capacity": object(properties{"default": count(), "minimum": count(), "maximum": count()}).Needed(),
		"rules": list(object(properties{
			"metricTrigger": object(properties{
				"metricName":             text().Needed().OneOf(metricCPU).OnlyHere(metricCPU, "it measures the processors of a scale set"),
				"metricNamespace":        text().NoEffect(),
				"metricResourceUri":      id().Needed(),
				"metricResourceLocation": text().NoEffect().Same(placeName),
				"operator":               text().Needed().OneOf("Equals", "NotEquals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"),
				"statistic":              text().Needed().OneOf("Average", "Min", "Max", "Sum", "Count"),
				"timeAggregation":        text().Needed().OneOf("Average", "Minimum", "Maximum", "Total", "Count", "Last"),
				"threshold":              provider.Number().Needed(),
				"timeGrain":              duration().Needed(),
				"timeWindow":             duration().Needed(),
				"dividePerInstance":      flag().Or(false).OnlyHere(false, "the load of processors is an average already"),
			}).Needed(),
			"scaleAction": object(properties{
				"direction": text().Needed().OneOf("None", "Increase", "Decrease"),
				"type":      text().Needed().OneOf("ChangeCount", "PercentChangeCount", "ExactCount", "ServiceAllowedNextValue").OnlyHere("ChangeCount", "it adds and removes a number of instances"),
				"value":     text().Or("1").Like(`^\d+$`, "a count as text such as \"1\""),
				"cooldown":  duration().Needed(),
			}).Needed(),
		})).Needed().Length(0, 10),
	})
}

func checkAutoscale(in provider.Inputs) failures {
	for i, profile := range in.Objects("profiles") {
		at := fmt.Sprintf("profiles[%d].", i)
		capacity := profile.Object("capacity")
		low, high, start := count(capacity, "minimum"), count(capacity, "maximum"), count(capacity, "default")
		switch {
		case !capacity.Known("minimum") || !capacity.Known("maximum") || !capacity.Known("default"):
		case low > high:
			return refuse(at+"capacity.minimum", "is %d, above maximum %d", low, high)
		case start < low || start > high:
			return refuse(at+"capacity.default", "is %d, must be from minimum %d to maximum %d", start, low, high)
		}
		for j, rule := range profile.Objects("rules") {
			if f := checkTimes(rule, fmt.Sprintf("%srules[%d].", at, j)); f != nil {
				return f
			}
		}
	}
	return nil
}

func checkTimes(rule provider.Inputs, at string) failures {
	trigger, action := rule.Object("metricTrigger"), rule.Object("scaleAction")
	for _, limit := range []struct {
		in             provider.Inputs
		path, property string
		low, high      time.Duration
	}{
		{trigger, "metricTrigger.", "timeGrain", time.Minute, 12 * time.Hour},
		{trigger, "metricTrigger.", "timeWindow", 5 * time.Minute, 12 * time.Hour},
		{action, "scaleAction.", "cooldown", time.Minute, 7 * 24 * time.Hour},
	} {
		if f := within(limit.in, at+limit.path, limit.property, limit.low, limit.high); f != nil {
			return f
		}
	}
	return nil
}

// count is a number that this API has as text.
func count(in provider.Inputs, property string) int {
	n, _ := strconv.Atoi(in.Text(property))
	return n
}

func computeAutoscale(req request) (result, error) {
	in := req.Inputs
	settingName := in.Text("autoscaleSettingName")
	set, err := need(req, typeScaleSet, in.Text("targetResourceUri"))
	if err != nil {
		return result{}, err
	}
	for _, r := range others(req, typeAutoscale) {
		if SameID(outs(r).Text("targetResourceUri"), set.ID) {
			return result{}, fmt.Errorf("%s: the resource %s has the autoscale setting %s already", codeConflict, set.ID, outs(r).Text("name"))
		}
	}
	for _, rule := range in.Objects("profiles")[0].Objects("rules") {
		if metric := rule.Object("metricTrigger").Text("metricResourceUri"); !SameID(metric, set.ID) {
			return result{}, fmt.Errorf("localcloud scales a scale set by its own metrics: the metric of %s is not one of %s", metric, set.ID)
		}
	}
	id, err := inGroup(req, kindAutoscale, settingName)
	if err != nil {
		return result{}, err
	}
	return regional(req, id, kindAutoscale, settingName, map[string]any{"systemData": map[string]any{}})
}

// autoscaleOf is the enabled setting that scales a scale set, if there is one.
func autoscaleOf(resources []world.Resource, set string) (provider.Inputs, bool) {
	for _, r := range each(resources, typeAutoscale) {
		if o := outs(r); o.Flag("enabled") && SameID(o.Text("targetResourceUri"), set) {
			return o.Objects("profiles")[0], true
		}
	}
	return nil, false
}
