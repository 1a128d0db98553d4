// Package grafana writes a Grafana dashboard for Prometheus from a stack's
// outputs: the rows of package watch, with the names of the stack's own load
// balancer, groups and database filled in.
//
// The service's own metrics count wherever it has them, because they are the
// same on every cloud and are there within seconds. The rest comes from the
// exporters that each panel names in its description: postgres_exporter, and
// the cloud's: cloudwatch_exporter, azure-metrics-exporter.
//
// What surprises: the service serves its metrics on a unix socket of its
// instance, so something on the instance has to carry them to Prometheus; and
// the job by which Prometheus knows the service is a variable of the
// dashboard, as it is chosen there and not in the stack.
//
// The types are Grafana's own (grafana-foundation-sdk), and the test reads what
// is written by its strict schema. Alert rules are left out: the clouds have
// the alarms.
package grafana

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/text"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"orchard/infra/internal/outputs"
	"orchard/infra/internal/watch"
)

const (
	gridWidth   = 24
	chartHeight = 8
)

// source is the Prometheus that the reader chooses.
var source = common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${datasource}")}

// Dashboard is the JSON of the dashboard of a stack with these outputs. A
// stack that is no service has none.
func Dashboard(stack string, of outputs.Stack) ([]byte, error) {
	if of.LoadBalancer.ID == "" {
		return nil, fmt.Errorf("write dashboard of stack %s: it has no load balancer; choose a stack of the role service", stack)
	}
	asked := queries(of)
	page := dashboard.NewDashboardBuilder("Orchard "+stack). //nolint:staticcheck // the form that every Grafana imports
									Uid("orchard-"+stack).Tags([]string{"orchard", of.Cloud}).
									Time("now-1h", "now").Refresh("30s").Readonly().
									WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").Label("Prometheus").Type("prometheus")).
									WithVariable(dashboard.NewQueryVariableBuilder("job").Label("Job of the service").
										Datasource(source).Refresh(dashboard.VariableRefreshOnDashboardLoad).
										Query(dashboard.StringOrMap{String: cog.ToPtr("label_values(orchard_http_requests_total, job)")}))
	for _, row := range watch.Rows() {
		page.WithRow(dashboard.NewRowBuilder(row.Title))
		for _, tile := range row.Tiles(gridWidth) {
			page.WithPanel(panel(tile.Chart, asked, uint32(tile.Width)))
		}
	}
	built, err := page.Build()
	if err != nil {
		return nil, fmt.Errorf("write dashboard of stack %s: %w", stack, err)
	}
	return json.MarshalIndent(built, "", "  ")
}

// panel shows the signals that have a query, and says of the others why they
// have none.
func panel(chart watch.Chart, asked map[watch.Signal]query, width uint32) cog.Builder[dashboard.Panel] {
	plot := timeseries.NewPanelBuilder().Title(chart.Title).Datasource(source).
		Unit(unitNames[chart.Unit()]).Min(0).FillOpacity(10).Span(width).Height(chartHeight)
	var notes []string
	shown := 0
	for _, signal := range chart.Signals {
		q := asked[signal]
		notes = append(notes, signal.Label()+": "+q.note)
		if q.expr == "" {
			continue
		}
		plot.WithTarget(prometheus.NewDataqueryBuilder().Datasource(source).
			RefId(string(rune('A' + shown))).Expr(q.expr).LegendFormat(strings.TrimSpace(q.by + " " + signal.Label())).Range())
		shown++
	}
	note := strings.Join(notes, "\n\n")
	if shown == 0 {
		return text.NewPanelBuilder().Title(chart.Title).Mode(text.TextModeMarkdown).Content(note).Span(width).Height(chartHeight)
	}
	return plot.Description(note)
}

var unitNames = map[watch.Unit]string{
	watch.PerSecond:      units.CountsPerSecond,
	watch.BytesPerSecond: units.BytesPerSecondSI,
	watch.Count:          units.Short,
	watch.Percent:        units.Percent,
	watch.Seconds:        units.Seconds,
	watch.OfBytes:        units.BytesIEC,
}
