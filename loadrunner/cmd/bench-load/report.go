package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
)

// result is the file that -out names.
type result struct {
	Runs        int     `json:"runs"`
	Seconds     float64 `json:"seconds"`
	Connections int     `json:"connections"`
	// Closed has the load runner first and wrk second.
	Closed []*row `json:"closed_loop"`
	// Open is the load runner at half the rate of its closed loop.
	Open          *row    `json:"open_loop_at_half"`
	OpenPerClosed float64 `json:"open_loop_cpu_per_closed"`
}

// row is one tool; figures are medians of the runs.
type row struct {
	Tool    string  `json:"tool"`
	CPU     float64 `json:"cpu_us_per_request"`
	PerWrk  float64 `json:"requests_per_cpu_second_per_wrk"`
	Rate    float64 `json:"requests_per_s"`
	Memory  float64 `json:"peak_memory_mb"`
	samples []sample
}

func (r *result) summarize() {
	r.Closed[1].summarize(r.Closed[1])
	for _, l := range r.Closed {
		l.summarize(r.Closed[1])
	}
}

func (l *row) summarize(wrk *row) {
	l.CPU = medianOf(l.samples, func(s sample) float64 { return s.cpu })
	l.Rate = medianOf(l.samples, func(s sample) float64 { return s.rate })
	l.Memory = medianOf(l.samples, func(s sample) float64 { return s.memory })
	l.PerWrk = wrk.CPU / l.CPU
}

func medianOf(samples []sample, of func(sample) float64) float64 {
	var all []float64
	for _, s := range samples {
		all = append(all, of(s))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func (r *result) write(stdout io.Writer, file string) error {
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tCPU µs/request\trequests per CPU s, wrk = 1\trequests/s\tpeak memory MB\t")
	for _, l := range append(slices.Clone(r.Closed), r.Open) {
		fmt.Fprintf(w, "%s\t%.1f\t%.2f\t%.0f\t%.0f\t\n", l.Tool, l.CPU, l.PerWrk, l.Rate, l.Memory)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\n%d connections, median of %d runs of %.0f s; the open loop, at half the rate, costs %.2f times the closed one's CPU\n",
		r.Connections, r.Runs, r.Seconds, r.OpenPerClosed)
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

// The bounds beside that on wrk's requests per CPU second.
const (
	mostPerClosed = 2.0
	mostMemory    = 20.0 // MB
)

// judge fails for every bound that is not kept.
func (r *result) judge(floor float64) error {
	var errs []error
	own := r.Closed[0]
	if own.PerWrk < floor {
		errs = append(errs, fmt.Errorf("the load runner makes %.2f times wrk's requests per CPU second, the floor is %.2f", own.PerWrk, floor))
	}
	if r.OpenPerClosed > mostPerClosed {
		errs = append(errs, fmt.Errorf("a request in an open loop costs %.2f times one in a closed loop, the bound is %.0f", r.OpenPerClosed, mostPerClosed))
	}
	for _, l := range []*row{own, r.Open} {
		if l.Memory >= mostMemory {
			errs = append(errs, fmt.Errorf("%s took %.1f MB of memory, the bound is %.0f", l.Tool, l.Memory, mostMemory))
		}
	}
	return errors.Join(errs...)
}
