package azurestack

import (
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

// row has a heading, and below it its charts. The heading says what there is
// to say of the charts; a chart of which Azure measures nothing has its own
// words in its place.
func (g *page) row(row watch.Row, p parts) {
	said := notesOf(row)
	height := titleHeight * (1 + min(1, len(said)))
	g.add(markdownPart, 0, gridWidth, height, markdown("## "+row.Title, said...))
	g.y += height
	top := g.y
	for _, tile := range row.Tiles(gridWidth) {
		g.y = top + tile.Line*chartHeight
		g.chart(tile.Chart, tile.X, tile.Width, p)
	}
	g.y += chartHeight
}

// notesOf are what there is to say of a row's charts, those in whose place it
// is said aside.
func notesOf(row watch.Row) []string {
	var all []string
	for _, chart := range row.Charts {
		if drawn, said := drawnAndSaid(chart); len(drawn) > 0 {
			all = append(all, said...)
		}
	}
	return all
}

func markdown(title string, paragraphs ...string) pulumi.Map {
	text := strings.Join(append([]string{title}, paragraphs...), "\n\n")
	return pulumi.Map{"settings": pulumi.Map{"content": pulumi.String(text)}}
}

func (g *page) chart(chart watch.Chart, x, width int, p parts) {
	drawn, said := drawnAndSaid(chart)
	if len(drawn) == 0 {
		g.add(markdownPart, x, width, chartHeight, markdown("**"+chart.Title+"**", said...))
		return
	}
	g.add(chartPart, x, width, chartHeight, pulumi.Map{"options": pulumi.Map{"chart": chartOf(chart, drawn, p)}})
}
