package azure

import (
	"fmt"

	"orchard/localcloud/internal/provider"
)

const kindDashboard = "Microsoft.Portal/dashboards"

// The kinds of tile that a stack's dashboard has.
const (
	partMarkdown = "Extension/HubsExtension/PartType/MarkdownPart"
	partChart    = "Extension/HubsExtension/PartType/MonitorChartPart"
)

// dashboardTypes are recorded: the portal shows them, and there is none here.
// The portal takes any JSON for a tile; what it would show as an empty one is
// refused here, as a misspelt field.
func dashboardTypes() map[string]provider.Type {
	lens := object(properties{"order": integer().Needed(), "parts": list(dashboardPart()).Needed()})
	return map[string]provider.Type{
		typeDashboard: {
			Properties: at(properties{
				"dashboardName": name(3, 160, `^[A-Za-z0-9-]+$`, "letters, digits and hyphens"),
				"properties": object(properties{
					"lenses":   list(lens),
					"metadata": object(properties{"model": object(properties{"timeRange": timeRange()})}),
				}).Makes("provisioningState").NoEffect(),
			}),
			Name:     autoName("dashboardName", 160),
			Computed: outputs("location", "systemData"),
			Check:    checkDashboard, Compute: computeDashboard,
		},
	}
}

func timeRange() provider.Property {
	return object(properties{
		"type": text().Needed().OneOf("MsPortalFx.Composition.Configuration.ValueTypes.TimeRange"),
		"value": object(properties{
			"relative": object(properties{"duration": integer().Needed().AtLeast(1), "timeUnit": integer().Needed().Between(0, 4)}).Needed(),
		}).Needed(),
	})
}

func dashboardPart() provider.Property {
	cell := func() provider.Property { return integer().Needed().AtLeast(0) }
	span := func() provider.Property { return integer().Needed().AtLeast(1) }
	return object(properties{
		"position": object(properties{"x": cell(), "y": cell(), "colSpan": span(), "rowSpan": span()}).Needed(),
		"metadata": object(properties{
			"type":     text().Needed().OneOf(partMarkdown, partChart),
			"inputs":   list(object(properties{"name": text().Needed(), "isOptional": flag()})),
			"settings": object(properties{"content": object(properties{"settings": markdown(), "options": object(properties{"chart": chart()})}).Needed()}).Needed(),
		}).Needed(),
	})
}

func markdown() provider.Property {
	return object(properties{
		"content": text().Needed(), "title": text(), "subtitle": text(), "markdownSource": integer().Between(1, 2), "markdownUri": text(),
	})
}

// chart is of metrics. The numbers of an aggregation are 1 total, 2 minimum,
// 3 maximum, 4 average and 7 count; of a chart, 2 is one of lines.
func chart() provider.Property {
	axis := func() provider.Property {
		return object(properties{"isVisible": flag(), "axisType": integer(), "min": provider.Number(), "max": provider.Number()})
	}
	return object(properties{
		"title": text().Needed(), "titleKind": integer().Between(0, 2),
		"metrics": list(object(properties{
			"resourceMetadata": reference().Needed(), "name": text().Needed(), "namespace": text().Needed(),
			"aggregationType":     integer().Needed().OneOf(1.0, 2.0, 3.0, 4.0, 7.0),
			"metricVisualization": object(properties{"displayName": text(), "resourceDisplayName": text(), "color": text()}),
		})).Needed().Length(1, 0),
		"filterCollection": object(properties{"filters": list(object(properties{
			"key": text().Needed(), "operator": integer().Needed(), "values": texts().Needed(),
		}))}),
		"grouping": object(properties{"dimension": text().Needed(), "sort": integer(), "top": integer()}),
		"visualization": object(properties{
			"chartType": integer(), "legendVisualization": object(properties{"isVisible": flag(), "position": integer(), "hideSubtitle": flag()}),
			"axisVisualization": object(properties{"x": axis(), "y": axis()}), "disablePinning": flag(),
		}),
	})
}

// checkDashboard wants the content that each kind of tile shows.
func checkDashboard(in provider.Inputs) failures {
	content := map[string]string{partMarkdown: "settings", partChart: "options"}
	for i, lens := range in.Object("properties").Objects("lenses") {
		for j, part := range lens.Objects("parts") {
			tile := part.Object("metadata")
			if want := content[tile.Text("type")]; !tile.Object("settings").Object("content").Has(want) {
				return refuse(fmt.Sprintf("properties.lenses[%d].parts[%d].metadata.settings.content.%s", i, j, want), "is required and missing: the tile would be empty")
			}
		}
	}
	return nil
}

// computeDashboard refuses a chart of what is not there.
func computeDashboard(req request) (result, error) {
	in := req.Inputs
	for _, lens := range in.Object("properties").Objects("lenses") {
		for _, part := range lens.Objects("parts") {
			chart := part.Object("metadata").Object("settings").Object("content").Object("options").Object("chart")
			if err := refuseChart(req, chart); err != nil {
				return result{}, err
			}
		}
	}
	own := in.Text("dashboardName")
	id, err := inGroup(req, kindDashboard, own)
	if err != nil {
		return result{}, err
	}
	shown := map[string]any{"provisioningState": "Succeeded"}
	for key, value := range in.Object("properties") {
		shown[key] = value
	}
	return regional(req, id, kindDashboard, own, map[string]any{"systemData": map[string]any{}, "properties": shown})
}

func refuseChart(req request, chart provider.Inputs) error {
	for _, shown := range chart.Objects("metrics") {
		id, metric := shown.Object("resourceMetadata").Text("id"), shown.Text("name")
		r, ok := find(req.World, id)
		if !ok {
			return fmt.Errorf("the chart %q would be empty: its resource %s was not found", chart.Text("title"), id)
		}
		if _, ok := metricOf(r, metric); !ok || !measures(shown.Text("namespace"), r) {
			return fmt.Errorf("the chart %q would be empty: %s has no metric %s in the namespace %s", chart.Text("title"), id, metric, shown.Text("namespace"))
		}
	}
	return nil
}
