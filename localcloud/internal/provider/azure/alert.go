package azure

import (
	"fmt"
	"slices"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

const (
	kindActionGroup = "Microsoft.Insights/actionGroups"
	kindMetricAlert = "Microsoft.Insights/metricAlerts"
)

// alertTypes are recorded: nothing is measured for them and nobody is told.
func alertTypes() map[string]provider.Type {
	const like, saying = `^[^<>%&:?/#*+\\]*[^<>%&:?/#*+\\ .]$`, "no < > * % & : ? / # + or \\, and no space or dot last"
	return map[string]provider.Type{
		typeActionGroup: {
			Properties: in(properties{
				"actionGroupName": name(1, 260, like, saying),
				"location":        global(),
				"groupShortName":  text().Needed().Length(1, 12).NoEffect(),
				"enabled":         flag().Or(true).NoEffect(),
				"armRoleReceivers": list(object(properties{
					"name": text().Needed().Length(1, 0), "roleId": text().Needed().Like(likeGUID, sayingGUID), "useCommonAlertSchema": flag(),
				})).NoEffect(),
				"emailReceivers": list(object(properties{
					"name": text().Needed().Length(1, 0), "emailAddress": text().Needed().Like(`^[^@\s]+@[^@\s]+$`, "an e-mail address"), "useCommonAlertSchema": flag(),
				})).NoEffect(),
			}),
			Name:     autoName("actionGroupName", 260),
			Computed: outputs(),
			Check:    checkActionGroup, Compute: computeActionGroup,
		},
		typeMetricAlert: {
			Properties: in(properties{
				"ruleName":            name(1, 260, like, saying),
				"location":            global(),
				"description":         text().NoEffect(),
				"enabled":             flag().Needed().NoEffect(),
				"autoMitigate":        flag().Or(true).NoEffect(),
				"severity":            integer().Needed().Between(0, 4).NoEffect(),
				"evaluationFrequency": duration().Needed().OneOf("PT1M", "PT5M", "PT15M", "PT30M", "PT1H").NoEffect(),
				"windowSize":          duration().Needed().OneOf("PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "P1D").NoEffect(),
				"scopes":              list(id()).Needed().Length(1, 1),
				"criteria":            alertCriteria(),
				"actions":             list(object(properties{"actionGroupId": id().Needed(), "webHookProperties": provider.Map(text())})).NoEffect(),
			}),
			Name:     autoName("ruleName", 260),
			Computed: outputs("isMigrated", "lastUpdatedTime"),
			Check:    checkMetricAlert, Compute: computeMetricAlert,
		},
	}
}

// alertCriteria are those of one resource, against thresholds that are given.
func alertCriteria() provider.Property {
	const single, static = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", "StaticThresholdCriterion"
	return object(properties{
		"odataType": text().Needed().OneOf(single, "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria", "Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria").
			OnlyHere(single, "it knows the metrics of one resource at a time"),
		"allOf": list(object(properties{
			"criterionType":        text().Needed().OneOf(static, "DynamicThresholdCriterion").OnlyHere(static, "it has no history to learn a threshold from"),
			"name":                 text().Needed().Length(1, 0),
			"metricName":           text().Needed().Length(1, 0),
			"metricNamespace":      text(),
			"operator":             text().Needed().OneOf("Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"),
			"threshold":            provider.Number().Needed(),
			"timeAggregation":      text().Needed().OneOf("Average", "Count", "Minimum", "Maximum", "Total"),
			"skipMetricValidation": flag().Or(false).OnlyHere(false, "it knows no other metrics than the platform's"),
			"dimensions": list(object(properties{
				"name": text().Needed(), "operator": text().Needed().OneOf("Include", "Exclude"), "values": texts().Needed().Length(1, 0),
			})),
		})).Needed().Length(1, 0),
	}).Needed().NoEffect()
}

func checkActionGroup(in provider.Inputs) failures {
	var names []string
	for _, kind := range []string{"armRoleReceivers", "emailReceivers"} {
		for i, receiver := range in.Objects(kind) {
			own := receiver.Text("name")
			if slices.Contains(names, own) {
				return refuse(fmt.Sprintf("%s[%d].name", kind, i), "%q is there twice: a receiver's name is one in its group", own)
			}
			names = append(names, own)
		}
	}
	return nil
}

func computeActionGroup(req request) (result, error) {
	own := req.Inputs.Text("actionGroupName")
	id, err := inGroup(req, kindActionGroup, own)
	if err != nil {
		return result{}, err
	}
	return answer(id, kindActionGroup, own, map[string]any{}), nil
}

func checkMetricAlert(in provider.Inputs) failures {
	if lasting(in.Text("windowSize")) < lasting(in.Text("evaluationFrequency")) && in.Known("windowSize") {
		return refuse("windowSize", "is %q, shorter than evaluationFrequency %q", in.Text("windowSize"), in.Text("evaluationFrequency"))
	}
	var names []string
	for i, criterion := range in.Object("criteria").Objects("allOf") {
		own := criterion.Text("name")
		if slices.Contains(names, own) {
			return refuse(fmt.Sprintf("criteria.allOf[%d].name", i), "%q is there twice", own)
		}
		names = append(names, own)
	}
	return nil
}

// computeMetricAlert refuses an alert of what is not there: of a resource, an
// action group, a metric that Azure does not have of the resource, or a
// dimension that the metric does not have.
func computeMetricAlert(req request) (result, error) {
	in := req.Inputs
	scope := in.Texts("scopes")[0]
	watched, ok := find(req.World, scope)
	if !ok {
		return result{}, fmt.Errorf("ResourceNotFound: The scope %s of the alert was not found", scope)
	}
	for _, action := range in.Objects("actions") {
		if _, err := need(req, typeActionGroup, action.Text("actionGroupId")); err != nil {
			return result{}, err
		}
	}
	for _, criterion := range in.Object("criteria").Objects("allOf") {
		if err := refuseCriterion(watched, criterion); err != nil {
			return result{}, err
		}
	}
	own := in.Text("ruleName")
	id, err := inGroup(req, kindMetricAlert, own)
	if err != nil {
		return result{}, err
	}
	return answer(id, kindMetricAlert, own, map[string]any{"isMigrated": false, "lastUpdatedTime": ""}), nil
}

func refuseCriterion(watched world.Resource, criterion provider.Inputs) error {
	metric, namespace := criterion.Text("metricName"), criterion.Text("metricNamespace")
	dimensions, ok := metricOf(watched, metric)
	if !ok || namespace != "" && !measures(namespace, watched) {
		return fmt.Errorf("BadRequest: Couldn't find a metric named %s of %s in the namespace %q. Make sure the name is correct", metric, watched.ID, namespace)
	}
	for _, dimension := range criterion.Objects("dimensions") {
		if own := dimension.Text("name"); !slices.Contains(dimensions, own) {
			return fmt.Errorf("BadRequest: the metric %s has no dimension %s, it has %q", metric, own, dimensions)
		}
	}
	return nil
}
