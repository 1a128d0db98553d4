package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
)

// result is the file that -out names.
type result struct {
	Runs        int               `json:"runs"`
	Seconds     int               `json:"seconds"`
	Rows        int               `json:"rows"`
	StartMillis float64           `json:"start_to_ready_ms"`
	MemoryMB    float64           `json:"peak_memory_mb"`
	Routes      map[string]*route `json:"routes"`
}

// route compares one route; rates are requests/s, medians of the runs.
type route struct {
	Orchard       float64 `json:"orchard_per_s"`
	Bare          float64 `json:"bare_per_s"`
	Postgres      float64 `json:"postgres_per_s"`
	PerBare       float64 `json:"per_bare"`
	PerPostgres   float64 `json:"per_postgres"`
	OrchardP99    float64 `json:"orchard_p99_ms"`
	BareP99       float64 `json:"bare_p99_ms"`
	P99PerBare    float64 `json:"p99_per_bare"`
	orchard, bare []sample
	postgres      []sample
}

func (r *route) summarize() {
	rate := func(s sample) float64 { return s.rate }
	p99 := func(s sample) float64 { return float64(s.p99.Microseconds()) / 1000 }
	r.Orchard, r.Bare, r.Postgres = medianOf(r.orchard, rate), medianOf(r.bare, rate), medianOf(r.postgres, rate)
	r.OrchardP99, r.BareP99 = medianOf(r.orchard, p99), medianOf(r.bare, p99)
	r.PerBare, r.PerPostgres, r.P99PerBare = r.Orchard/r.Bare, r.Orchard/r.Postgres, r.OrchardP99/r.BareP99
}

func medianOf(samples []sample, of func(sample) float64) float64 {
	var all []float64
	for _, s := range samples {
		all = append(all, of(s))
	}
	return median(all)
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

func (r *result) write(stdout io.Writer, file string) error {
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\torchard/s\tbare/s\tPostgreSQL/s\tper bare\tper PostgreSQL\tp99 ms\tbare p99 ms\t")
	for _, name := range []string{"list", "entry", "create"} {
		m := r.Routes[name]
		fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%.0f\t%.2f\t%.2f\t%.1f\t%.1f\t\n",
			name, m.Orchard, m.Bare, m.Postgres, m.PerBare, m.PerPostgres, m.OrchardP99, m.BareP99)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\nstart to ready %.0f ms, peak memory %.0f MB, %d rows, median of %d runs of %d s\n",
		r.StartMillis, r.MemoryMB, r.Rows, r.Runs, r.Seconds)
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
