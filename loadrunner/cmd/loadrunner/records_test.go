package main

import (
	"encoding/csv"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"orchard/loadrunner/internal/results"
)

// TestRecords holds what a merged report says to the records of both its runs: the
// numbers of outcomes, and the percentiles of response and service times.
func TestRecords(t *testing.T) {
	t.Parallel()
	url, folder := answering(t), t.TempDir()
	one, two, merged := filepath.Join(folder, "one"), filepath.Join(folder, "two"), filepath.Join(folder, "merged")
	for out, rate := range map[string]string{one: "300", two: "700"} {
		if _, stderr, err := carryOut(t.Context(), "run", "--url", url, "--rate", rate, "--for", "2s", "--get", "/", "--behind", "100%", "--records", "--out", out); err != nil {
			t.Fatalf("run: %v\n%s", err, stderr)
		}
	}
	if _, _, err := carryOut(t.Context(), "merge", "--out", merged, one, two); err != nil {
		t.Fatal(err)
	}
	stdout, _, err := carryOut(t.Context(), "records", one, two)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	if err != nil || len(lines) != 1+2000 {
		t.Fatalf("%d lines, %v, want a head and 2000", len(lines), err)
	}
	var response, service []time.Duration
	for _, l := range lines[1:] {
		if l[3] != "200" {
			t.Errorf("outcome %s, want 200", l[3])
		}
		response, service = append(response, moment(t, l[2])-moment(t, l[0])), append(service, moment(t, l[2])-moment(t, l[1]))
	}
	d, err := results.Load(merged)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "response", d.Times.Response, response)
	near(t, "service", d.Times.Service, service)
}

func moment(t *testing.T, text string) time.Duration {
	t.Helper()
	ns, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(ns)
}

// near holds percentiles to sorted times, within a histogram's error: 0.1 % of whole
// microseconds.
func near(t *testing.T, what string, got results.Percentiles, all []time.Duration) {
	t.Helper()
	slices.Sort(all)
	reported := map[float64]time.Duration{0.5: got.P50, 0.9: got.P90, 0.99: got.P99, 0.999: got.P999, 1: got.Max}
	for _, q := range slices.Sorted(maps.Keys(reported)) {
		want := all[int(math.Ceil(q*float64(len(all))-1e-6))-1].Truncate(time.Microsecond)
		if off := math.Abs(float64(reported[q]-want)) / float64(want); off > 0.001 {
			t.Errorf("p%g of %s times is %v, want %v: %.3f %% off", 100*q, what, reported[q], want, 100*off)
		}
	}
}

// TestNoRecords has a run that wrote none down.
func TestNoRecords(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	if _, _, err := carryOut(t.Context(), "run", "--url", answering(t), "--rate", "50", "--for", "200ms", "--get", "/", "--behind", "100%", "--out", out); err != nil {
		t.Fatal(err)
	}
	if _, _, err := carryOut(t.Context(), "records", out); err == nil || !strings.Contains(err.Error(), "has no records") {
		t.Errorf("records: got %v, want that it has none", err)
	}
}
