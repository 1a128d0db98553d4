// Package report shows results: in the terminal while and after they come to be, and
// as one HTML page that needs nothing but itself.
package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"os"

	"orchard/loadrunner/internal/chart"
	"orchard/loadrunner/internal/record"
	"orchard/loadrunner/internal/results"
)

//go:embed report.html
var pageText string

var page = template.Must(template.New("report").Parse(pageText))

// view is what the page shows.
type view struct {
	*results.Document
	Rate, FailedPercent string
	Times               []row
	Kinds               []kind
	Charts              []template.HTML
}

type row struct {
	Name  string
	Count uint64
	Times []string // by quantiles, then the maximum
}

type kind struct {
	Name string
	record.KindCounts
}

// WriteHTML writes the report of a folder of results to a file, with events marked
// beside those that the results have.
func WriteHTML(file, folder string, marks ...results.Event) error {
	d, err := results.Load(folder)
	if err != nil {
		return err
	}
	d.Events = append(d.Events, marks...)
	p, err := readPlot(folder, d)
	if err != nil {
		return err
	}
	v := view{Document: d, Charts: p.charts(d)}
	v.Rate = fmt.Sprintf("%.1f", d.Result.Rate())
	v.FailedPercent = fmt.Sprintf("%.3g", 100*d.FailedShare())
	v.Times = append(v.Times, timesRow("response", d.Response), timesRow("service", d.Service))
	for _, name := range d.ClassNames() {
		v.Times = append(v.Times, timesRow(name, d.Classes[name]))
	}
	if d.Loop == "open" {
		v.Times = append(v.Times, timesRow("behind", d.Lag))
	}
	for _, name := range sorted(d.Result.Kinds) {
		v.Kinds = append(v.Kinds, kind{name, d.Result.Kinds[name]})
	}
	out, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	defer out.Close()
	if err := page.Execute(out, v); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return out.Close()
}

func timesRow(name string, h *record.Histogram) row {
	r := row{Name: name, Count: h.Count()}
	for _, q := range quantiles {
		r.Times = append(r.Times, round(h.Quantile(q.q)).String())
	}
	r.Times = append(r.Times, round(h.Max()).String())
	return r
}

// charts draws what was read.
func (p *plot) charts(d *results.Document) []template.HTML {
	var events []chart.Event
	for _, e := range d.Events {
		events = append(events, chart.Event{At: e.At, Name: e.Name})
	}
	rate := chart.Chart{
		Title: "Requests per second", Step: p.step, Events: events, Unit: chart.Count,
		Series: []chart.Series{{Name: "due", Values: p.due}, {Name: "answered", Values: p.answered}, {Name: "failed", Values: p.failed}},
	}
	times := chart.Chart{
		Title: "Response time from the scheduled moment", Step: p.step, Events: events, Unit: chart.Duration, Log: true,
		Series: []chart.Series{{Name: "p50", Values: p.p50}, {Name: "p99", Values: p.p99}, {Name: "max", Values: p.most}, {Name: "service p99", Values: p.service}},
	}
	failures := chart.Chart{Title: "Failed per second, by class", Step: p.step, Events: events, Unit: chart.Count, Stacked: true, Series: p.classes()}
	var bars []chart.Bar
	for _, b := range d.Response.Bars() {
		bars = append(bars, chart.Bar{
			Name: chart.Duration(b.To.Seconds()), Value: float64(b.Count),
			Hint: fmt.Sprintf("%s to %s: %d", round(b.From), round(b.To), b.Count),
		})
	}
	return []template.HTML{rate.SVG(), times.SVG(), failures.SVG(), chart.Bars("Answers by response time", bars)}
}
