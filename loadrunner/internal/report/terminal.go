package report

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"orchard/loadrunner/internal/record"
	"orchard/loadrunner/internal/results"
)

// quantiles are those that every report has.
var quantiles = []struct {
	name string
	q    float64
}{{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}}

// Terminal writes a document for people, without colors.
func Terminal(w io.Writer, d *results.Document) error {
	fmt.Fprintf(w, "%s, %s loop, %.1f s", d.Target, d.Loop, d.Seconds)
	if d.Nodes > 1 {
		fmt.Fprintf(w, ", %d nodes", d.Nodes)
	}
	fmt.Fprint(w, "\n\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	outcomes(t, d.Result)
	times(t, d.Result)
	if v := d.Ledger; v != nil {
		fmt.Fprintf(t, "writes\t%d acknowledged, %d lost, %d doubled, %d wrong\n", v.Acknowledged, v.Lost, v.Doubled, v.Wrong)
		for _, e := range v.Examples {
			fmt.Fprintf(t, "\t%s\n", e)
		}
	}
	for _, o := range d.Objectives {
		met := "met"
		if !o.Met {
			met = "MISSED"
		}
		fmt.Fprintf(t, "objective\t%s: %s, %s\n", o.Objective, o.Value, met)
	}
	if d.Broken != "" {
		fmt.Fprintf(t, "BROKEN\t%s\n", d.Broken)
	}
	return t.Flush()
}

func outcomes(w io.Writer, r *record.Result) {
	fmt.Fprintf(w, "requests\t%d scheduled = %d answered + %d errors + %d late + %d dropped\n", r.Scheduled, r.Answered, r.Errors, r.Late, r.Dropped)
	fmt.Fprintf(w, "rate\t%.1f answers/s\n", r.Rate())
	fmt.Fprintf(w, "failed\t%d, %.3g %%\n", r.Failed, 100*r.FailedShare())
	for _, status := range sorted(r.Statuses) {
		fmt.Fprintf(w, "status %d\t%d\n", status, r.Statuses[status])
	}
	for _, class := range sorted(r.Failures) {
		fmt.Fprintf(w, "%s\t%d\n", class, r.Failures[class])
	}
	if r.Retried > 0 {
		fmt.Fprintf(w, "sent again\t%d\n", r.Retried)
	}
	fmt.Fprintf(w, "longest gap\t%s\n", round(r.LongestGap.For))
}

func times(w io.Writer, r *record.Result) {
	if r.Response.Count() == 0 {
		return
	}
	rows := []struct {
		name string
		of   *record.Histogram
	}{{"response", r.Response}, {"service", r.Service}, {"behind", r.Lag}}
	if r.Loop == "closed" {
		rows = rows[1:2]
	}
	for _, row := range rows {
		fmt.Fprintf(w, "%s\t", row.name)
		for _, q := range quantiles {
			fmt.Fprintf(w, "%s %s  ", q.name, round(row.of.Quantile(q.q)))
		}
		fmt.Fprintf(w, "max %s\n", round(row.of.Max()))
	}
}

func sorted[K int | string, V any](m map[K]V) []K {
	var keys []K
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// round keeps three digits or so.
func round(d time.Duration) time.Duration {
	switch {
	case d >= 10*time.Second:
		return d.Round(100 * time.Millisecond)
	case d >= 100*time.Millisecond:
		return d.Round(time.Millisecond)
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond)
	}
	return d
}
