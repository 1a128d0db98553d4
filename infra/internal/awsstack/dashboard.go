package awsstack

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/settings"
	"orchard/infra/internal/watch"
)

// The grid of a dashboard, in CloudWatch's units.
const (
	gridWidth   = 24
	titleHeight = 1
	chartHeight = 6
)

// dashboard is the stack's page in CloudWatch.
type dashboard struct {
	*cloudwatch.Dashboard
	address string
}

// declareDashboard gives the page the stack's name: its address is in the
// outputs, and a page may be written over.
func declareDashboard(s scope, set settings.Settings, p parts, all alarms) (dashboard, error) {
	name := "orchard-" + s.stack
	declared, err := cloudwatch.NewDashboard(s.Context, "service", &cloudwatch.DashboardArgs{
		DashboardName: pulumi.String(name),
		DashboardBody: pulumi.JSONMarshal(dashboardBody(set, p, all)),
	}, s.on)
	address := fmt.Sprintf("https://%[1]s.console.aws.amazon.com/cloudwatch/home?region=%[1]s#dashboards/dashboard/%[2]s", set.Region, name)
	return dashboard{declared, address}, err
}

// dashboardBody is the page: the alarms, then the shared rows.
func dashboardBody(set settings.Settings, p parts, all alarms) pulumi.Map {
	page := &page{region: set.Region, alarms: watch.Alarms(set)}
	page.add("alarm", 0, gridWidth, chartHeight/2, pulumi.Map{"title": pulumi.String("Alarms"), "alarms": all.arns()})
	page.y += chartHeight / 2
	for _, row := range watch.Rows() {
		page.row(row, p)
	}
	return pulumi.Map{"widgets": page.widgets}
}

// page is filled from top to bottom.
type page struct {
	region  string
	alarms  []watch.Alarm
	y       int
	widgets pulumi.Array
}

func (g *page) add(kind string, x, width, height int, properties pulumi.Map) {
	g.widgets = append(g.widgets, pulumi.Map{
		"type": pulumi.String(kind), "x": pulumi.Int(x), "y": pulumi.Int(g.y),
		"width": pulumi.Int(width), "height": pulumi.Int(height), "properties": properties,
	})
}

func (g *page) row(row watch.Row, p parts) {
	g.add("text", 0, gridWidth, titleHeight, markdown("## "+row.Title))
	g.y += titleHeight
	top := g.y
	for _, tile := range row.Tiles(gridWidth) {
		g.y = top + tile.Line*chartHeight
		g.chart(tile.Chart, tile.X, tile.Width, p)
	}
	g.y += chartHeight
}

func markdown(text string) pulumi.Map { return pulumi.Map{"markdown": pulumi.String(text)} }

// chart shows the signals that AWS measures, and says why of those that it
// does not.
func (g *page) chart(chart watch.Chart, x, width int, p parts) {
	var metrics pulumi.Array
	missing := []string{"**" + chart.Title + "**"}
	for _, signal := range chart.Signals {
		if reason, ok := unmeasured[signal]; ok {
			missing = append(missing, reason)
			continue
		}
		for _, l := range linesOf(p, signal.Scope()) {
			metrics = append(metrics, plot(signal, l, fmt.Sprintf("s%d", len(metrics)))...)
		}
	}
	if len(metrics) == 0 {
		g.add("text", x, width, chartHeight, markdown(strings.Join(missing, "\n\n")))
		return
	}
	g.add("metric", x, width, chartHeight, pulumi.Map{
		"title": pulumi.String(chart.Title), "view": pulumi.String("timeSeries"), "region": pulumi.String(g.region),
		"period": pulumi.Int(watch.PeriodSeconds), "metrics": metrics,
		"yAxis":       pulumi.Map{"left": pulumi.Map{"label": pulumi.String(string(chart.Unit())), "showUnits": pulumi.Bool(false), "min": pulumi.Int(0)}},
		"annotations": pulumi.Map{"horizontal": g.thresholds(chart)},
	})
}

// thresholds draw where alarms ring.
func (g *page) thresholds(chart watch.Chart) pulumi.Array {
	drawn := pulumi.Array{}
	for _, signal := range chart.Signals {
		for _, alarm := range g.alarms {
			if alarm.Signal == signal {
				drawn = append(drawn, pulumi.Map{"label": pulumi.String(alarm.Name), "value": pulumi.Float64(alarm.Threshold)})
			}
		}
	}
	return drawn
}

// plot writes a signal's line in CloudWatch's list form: each metric with its
// dimensions, and the expression over them where there is one. The ids begin
// with prefix, which is the line's own.
func plot(signal watch.Signal, l line, prefix string) pulumi.Array {
	label := strings.TrimSpace(l.name + " " + signal.Label())
	s := measured[signal]
	var entries pulumi.Array
	var ids []string
	for i, m := range s.metrics {
		entry := pulumi.Array{pulumi.String(m.namespace), pulumi.String(m.name)}
		for _, d := range l.dimensions {
			entry = append(entry, pulumi.String(d.key), d.value)
		}
		ids = append(ids, fmt.Sprintf("%sm%d", prefix, i+1))
		how := pulumi.Map{"stat": pulumi.String(m.stat), "id": pulumi.String(ids[i])}
		if s.expression == "" {
			how["label"] = pulumi.String(label)
		} else {
			how["visible"] = pulumi.Bool(false)
		}
		entries = append(entries, append(entry, how))
	}
	if s.expression == "" {
		return entries
	}
	return append(entries, pulumi.Array{pulumi.Map{
		"expression": pulumi.String(s.math(ids)), "id": pulumi.String(prefix), "label": pulumi.String(label),
	}})
}
