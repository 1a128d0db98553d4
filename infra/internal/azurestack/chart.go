package azurestack

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/watch"
)

// plot is a metric in a chart, under the labels of the signals that it tells.
type plot struct {
	metric
	label string
}

// drawnAndSaid are the metrics of a chart, and what there is to say of its
// signals, each once.
func drawnAndSaid(chart watch.Chart) (drawn []plot, said []string) {
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
