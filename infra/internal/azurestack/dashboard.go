package azurestack

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-azure-native-sdk/portal/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/watch"
)

// The grid of a dashboard, in the portal's cells.
const (
	gridWidth   = 18
	titleHeight = 1
	chartHeight = 4
	mostInLine  = 3
)

// The portal's kinds of tile.
const (
	markdownPart = "Extension/HubsExtension/PartType/MarkdownPart"
	chartPart    = "Extension/HubsExtension/PartType/MonitorChartPart"
)

// dashboard is the stack's page in the portal.
type dashboard struct {
	*portal.Dashboard
	address pulumi.StringOutput
}

// declareDashboard uses the package without a version: the tiles of the
// others hold text alone.
func declareDashboard(s scope, tenant string, p parts) (dashboard, error) {
	tags := s.named("service")
	tags["hidden-title"] = pulumi.String("Orchard " + s.stack)
	declared, err := portal.NewDashboard(s.Context, "service", &portal.DashboardArgs{
		ResourceGroupName: s.group.Name,
		Location:          s.location,
		Properties: portal.DashboardPropertiesWithProvisioningStateArgs{
			Lenses:   portal.DashboardLensArray{portal.DashboardLensArgs{Order: pulumi.Int(0), Parts: dashboardParts(p)}},
			Metadata: pulumi.Map{"model": pulumi.Map{"timeRange": lastHour()}},
		},
		Tags: tags,
	}, s.on)
	if err != nil {
		return dashboard{}, err
	}
	return dashboard{declared, pulumi.Sprintf("https://portal.azure.com/#@%s/dashboard/arm%s", tenant, declared.ID())}, nil
}

func lastHour() pulumi.Map {
	const hours = 1
	return pulumi.Map{
		"type":  pulumi.String("MsPortalFx.Composition.Configuration.ValueTypes.TimeRange"),
		"value": pulumi.Map{"relative": pulumi.Map{"duration": pulumi.Int(1), "timeUnit": pulumi.Int(hours)}},
	}
}

// dashboardParts are the shared rows, from top to bottom.
func dashboardParts(p parts) portal.DashboardPartsArray {
	var page page
	for _, row := range watch.Rows() {
		page.row(row, p)
	}
	return page.parts
}

// page is filled from top to bottom.
type page struct {
	y     int
	parts portal.DashboardPartsArray
}

func (g *page) add(kind string, x, width, height int, content pulumi.Map) {
	g.parts = append(g.parts, portal.DashboardPartsArgs{
		Position: portal.DashboardPartsPositionArgs{
			X: pulumi.Int(x), Y: pulumi.Int(g.y), ColSpan: pulumi.Int(width), RowSpan: pulumi.Int(height),
		},
		Metadata: portal.DashboardPartMetadataArgs{
			Type: pulumi.String(kind), Inputs: pulumi.Array{}, Settings: pulumi.Map{"content": content},
		},
	})
}

func (g *page) row(row watch.Row, p parts) {
	g.add(markdownPart, 0, gridWidth, titleHeight, markdown("## "+row.Title))
	g.y += titleHeight
	width := gridWidth / min(len(row.Charts), mostInLine)
	for i, chart := range row.Charts {
		if i > 0 && i%mostInLine == 0 {
			g.y += chartHeight
		}
		g.chart(chart, i%mostInLine*width, width, p)
	}
	g.y += chartHeight
}

func markdown(text string) pulumi.Map {
	return pulumi.Map{"settings": pulumi.Map{"content": pulumi.String(text)}}
}

// chart shows the signals that Azure measures, and says why of those that it
// does not: beside the chart, or in its place.
func (g *page) chart(chart watch.Chart, x, width int, p parts) {
	drawn, said := drawnAndSaid(chart)
	if len(drawn) == 0 {
		g.add(markdownPart, x, width, chartHeight, markdown(strings.Join(said, "\n\n")))
		return
	}
	const noteWidth = 2
	if len(said) > 1 {
		width -= noteWidth
		g.add(markdownPart, x+width, noteWidth, chartHeight, markdown(strings.Join(said[1:], "\n\n")))
	}
	g.add(chartPart, x, width, chartHeight, pulumi.Map{"options": pulumi.Map{"chart": chartOf(chart, drawn, p)}})
}

// plot is a metric in a chart, under the labels of the signals that it tells.
type plot struct {
	metric
	label string
}

// drawnAndSaid are the metrics of a chart, each once, and what there is to
// say of the signals, after the chart's title.
func drawnAndSaid(chart watch.Chart) (drawn []plot, said []string) {
	said = []string{"**" + chart.Title + "**"}
	add := func(text string) {
		if text != "" && !slices.Contains(said, text) {
			said = append(said, text)
		}
	}
	for _, signal := range chart.Signals {
		m, ok := measured[signal]
		if !ok {
			add(unmeasured[signal])
			continue
		}
		add(notes[signal])
		if i := slices.IndexFunc(drawn, func(d plot) bool { return d.metric == m }); i >= 0 {
			drawn[i].label += ", " + signal.Label()
			continue
		}
		drawn = append(drawn, plot{m, signal.Label()})
	}
	return drawn, said
}

// The portal's numbers of aggregations, and of a chart of lines.
var aggregations = map[string]int{"Total": 1, "Minimum": 2, "Maximum": 3, "Average": 4}

const (
	lineChart    = 2
	titleIsGiven = 2
)

func chartOf(chart watch.Chart, drawn []plot, p parts) pulumi.Map {
	var metrics pulumi.Array
	for _, d := range drawn {
		for _, l := range linesOf(p, d.namespace) {
			metrics = append(metrics, pulumi.Map{
				"resourceMetadata": pulumi.Map{"id": l.resource},
				"name":             pulumi.String(d.name),
				// The portal writes namespaces in small letters.
				"namespace":           pulumi.String(strings.ToLower(d.namespace)),
				"aggregationType":     pulumi.Int(aggregations[d.aggregation]),
				"metricVisualization": pulumi.Map{"displayName": pulumi.String(strings.TrimSpace(l.name + " " + d.label))},
			})
		}
	}
	shown := pulumi.Map{
		"title":         pulumi.String(chart.Title + ", " + string(drawn[0].unit)),
		"titleKind":     pulumi.Int(titleIsGiven),
		"metrics":       metrics,
		"visualization": pulumi.Map{"chartType": pulumi.Int(lineChart)},
	}
	if dimension, ok := splitBy[chart.Signals[0]]; ok {
		shown["grouping"] = pulumi.Map{"dimension": pulumi.String(dimension)}
	}
	return shown
}
