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
	Threads     int     `json:"threads"`
	Connections int     `json:"connections"`
	Rows        []*row  `json:"rows"`
}

// row compares the proxies at one kind of request; figures are medians of the runs.
type row struct {
	Name         string  `json:"name"`
	HAProxyCPU   float64 `json:"haproxy_cpu_us"` // for a request
	OwnCPU       float64 `json:"own_cpu_us"`
	Ratio        float64 `json:"cpu_ratio"`
	HAProxyRate  float64 `json:"haproxy_requests_per_s"`
	OwnRate      float64 `json:"own_requests_per_s"`
	haproxy, own []sample
}

func (l *row) summarize() {
	cpu := func(s sample) float64 { return s.cpu }
	rate := func(s sample) float64 { return s.rate }
	l.HAProxyCPU, l.OwnCPU = medianOf(l.haproxy, cpu), medianOf(l.own, cpu)
	l.HAProxyRate, l.OwnRate = medianOf(l.haproxy, rate), medianOf(l.own, rate)
	l.Ratio = l.OwnCPU / l.HAProxyCPU
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
	fmt.Fprintln(w, "\tCPU µs/request\tHAProxy\tratio\trequests/s\tHAProxy\t")
	for _, l := range r.Rows {
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.2f\t%.0f\t%.0f\t\n", l.Name, l.OwnCPU, l.HAProxyCPU, l.Ratio, l.OwnRate, l.HAProxyRate)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\n%d connections, %d threads, median of %d runs of %.0f s\n", r.Connections, r.Threads, r.Runs, r.Seconds)
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

// judge fails for every kind of request at which a request costs more than the bound
// times what it costs HAProxy.
func (r *result) judge(bound float64) error {
	var errs []error
	for _, l := range r.Rows {
		if l.Ratio > bound {
			errs = append(errs, fmt.Errorf("%s: a request costs %.2f times HAProxy's CPU, the bound is %.2f", l.Name, l.Ratio, bound))
		}
	}
	return errors.Join(errs...)
}
