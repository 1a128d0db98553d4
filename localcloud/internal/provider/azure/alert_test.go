package azure_test

import (
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"orchard/localcloud/internal/provider/providertest"
	"orchard/localcloud/internal/world"
)

const (
	alertType = "azure-native:insights/v20180301:MetricAlert"
	toldType  = "azure-native:insights/v20230101:ActionGroup"
	boardType = "azure-native:portal:Dashboard"

	watchedID = inGroup + "/providers/Microsoft.Network/loadBalancers/public"
	toldID    = inGroup + "/providers/Microsoft.Insights/actionGroups/people"
)

// watchedWorld is smallWorld with a load balancer and an action group.
func watchedWorld() *providertest.World {
	w := smallWorld()
	add := func(typ, kind, id string) {
		w.Have = append(w.Have, world.Resource{
			ID: id, URN: providertest.URN(typ, "old"), Type: typ, Confirmed: true, Outputs: map[string]any{"type": kind},
		})
	}
	add(balancerType, "Microsoft.Network/loadBalancers", watchedID)
	add(toldType, "Microsoft.Insights/actionGroups", toldID)
	return w
}

// alerting is an alert that nothing is wrong with, with one criterion.
func alerting(key string, value any) map[string]any {
	criterion := with(map[string]any{
		"criterionType": "StaticThresholdCriterion", "name": "down", "metricName": "DipAvailability", "metricNamespace": "microsoft.network/loadbalancers",
		"operator": "LessThan", "threshold": 100.0, "timeAggregation": "Average",
	}, key, value)
	return map[string]any{
		"resourceGroupName": "g", "location": "global", "enabled": true, "severity": 1.0, "evaluationFrequency": "PT1M", "windowSize": "PT5M",
		"scopes": []any{strings.ToUpper(watchedID)}, "actions": []any{map[string]any{"actionGroupId": toldID}},
		"criteria": map[string]any{"odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", "allOf": []any{criterion}},
	}
}

func told(names ...string) map[string]any {
	receivers := make([]any, len(names))
	for i, name := range names {
		receivers[i] = map[string]any{"name": name, "emailAddress": "someone@example.org"}
	}
	return map[string]any{"resourceGroupName": "g", "location": "global", "groupShortName": "orchard", "emailReceivers": receivers}
}

// charted is a dashboard with one chart of one metric.
func charted(key string, value any) map[string]any {
	metric := with(map[string]any{
		"resourceMetadata": map[string]any{"id": watchedID}, "name": "ByteCount", "namespace": "microsoft.network/loadbalancers", "aggregationType": 1.0,
	}, key, value)
	chart := map[string]any{"title": "Traffic", "metrics": []any{metric}}
	return tiled("Extension/HubsExtension/PartType/MonitorChartPart", map[string]any{"options": map[string]any{"chart": chart}})
}

func tiled(kind string, content map[string]any) map[string]any {
	part := map[string]any{
		"position": map[string]any{"x": 0.0, "y": 0.0, "colSpan": 6.0, "rowSpan": 4.0},
		"metadata": map[string]any{"type": kind, "inputs": []any{}, "settings": map[string]any{"content": content}},
	}
	return map[string]any{"resourceGroupName": "g", "properties": map[string]any{
		"lenses": []any{map[string]any{"order": 0.0, "parts": []any{part}}},
	}}
}

// What Check refuses of an alert, an action group and a dashboard.
func TestCheckRefusesWatching(t *testing.T) {
	t.Parallel()
	c := providertest.Connect(t, serve(t, newWorld()), inFrankfurt)
	const markdown = "Extension/HubsExtension/PartType/MarkdownPart"
	for name, test := range map[string]struct {
		typ  string
		in   map[string]any
		want string
	}{
		"no criteria":             {alertType, with(alerting("name", "a"), "criteria.allOf", []any{}), "criteria.allOf: has 0 items, at least 1 are needed"},
		"a frequency of its own":  {alertType, with(alerting("name", "a"), "evaluationFrequency", "PT2M"), `evaluationFrequency: is "PT2M", must be one of`},
		"window below frequency":  {alertType, with(alerting("name", "a"), "evaluationFrequency", "PT15M"), `windowSize: is "PT5M", shorter than evaluationFrequency "PT15M"`},
		"severity":                {alertType, with(alerting("name", "a"), "severity", 5.0), "severity: is 5, must be from 0 to 4"},
		"somewhere":               {alertType, with(alerting("name", "a"), "location", location), "location: is \"germanywestcentral\", must be one of"},
		"operator of log queries": {alertType, alerting("operator", "NotEquals"), `operator: is "NotEquals", must be one of`},
		"threshold left out":      {alertType, alerting("threshold", nil), "criteria.allOf[0].threshold: is required"},
		"learned threshold":       {alertType, alerting("criterionType", "DynamicThresholdCriterion"), "it has no history to learn a threshold from"},
		"several resources":       {alertType, with(alerting("name", "a"), "scopes", []any{"/a", "/b"}), "scopes: has 2 items, at most 1"},
		"short name too long":     {toldType, with(told("a"), "groupShortName", "orchard-people"), "groupShortName: \"orchard-people\" has 14 characters"},
		"receiver twice":          {toldType, told("a", "a"), `emailReceivers[1].name: "a" is there twice`},
		"no address":              {toldType, with(told(), "emailReceivers", []any{map[string]any{"name": "a", "emailAddress": "someone"}}), "must be an e-mail address"},
		"text in a chart's place": {boardType, tiled(markdown, map[string]any{"options": map[string]any{}}), "metadata.settings.content.settings: is required"},
		"a misspelt field":        {boardType, tiled(markdown, map[string]any{"settings": map[string]any{"text": "x"}}), "settings.content.settings.text: localcloud does not know"},
		"an unknown tile":         {boardType, tiled("Extension/HubsExtension/PartType/ClockPart", map[string]any{}), "must be one of"},
		"an aggregation":          {boardType, charted("aggregationType", 5.0), "aggregationType: is 5, must be one of"},
	} {
		got := c.Reasons(test.typ, "x-name", test.in)
		if len(got) == 0 || !strings.Contains(got[0], test.want) {
			t.Errorf("%s: Check = %q, want the first to contain %q", name, got, test.want)
		}
	}
}

// What Create refuses: alerts and charts of what is not there.
func TestCreateRefusesWatching(t *testing.T) {
	t.Parallel()
	c := providertest.Connect(t, serve(t, watchedWorld()), inFrankfurt)
	for name, test := range map[string]struct {
		typ  string
		in   map[string]any
		want string
	}{
		"alert":               {alertType, alerting("name", "a"), ""},
		"action group":        {toldType, told("a", "b"), ""},
		"dashboard":           {boardType, charted("name", "SYNCount"), ""},
		"scope not there":     {alertType, with(alerting("name", "a"), "scopes", []any{"/none"}), "ResourceNotFound: The scope /none"},
		"nobody to tell":      {alertType, with(alerting("name", "a"), "actions", []any{map[string]any{"actionGroupId": watchedID}}), "InvalidResourceReference"},
		"metric of another":   {alertType, alerting("metricName", "cpu_percent"), "Couldn't find a metric named cpu_percent"},
		"another namespace":   {alertType, alerting("metricNamespace", "Microsoft.Compute/virtualMachineScaleSets"), "Couldn't find a metric named DipAvailability"},
		"another dimension":   {alertType, alerting("dimensions", []any{map[string]any{"name": "Zone", "operator": "Include", "values": []any{"1"}}}), "has no dimension Zone"},
		"chart of nothing":    {boardType, charted("resourceMetadata", map[string]any{"id": "/none"}), `the chart "Traffic" would be empty: its resource /none`},
		"chart of no metric":  {boardType, charted("name", "Requests"), "has no metric Requests"},
		"chart of no service": {boardType, charted("namespace", "Microsoft.Network"), "in the namespace Microsoft.Network"},
	} {
		checked := c.MustCheck(test.typ, "xname", nil, test.in)
		_, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: providertest.URN(test.typ, name), Properties: c.Pack(checked)})
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: Create error = %v, want none", name, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: Create error = %v, want one with %q", name, err, test.want)
		}
	}
}
