package e2e

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// records are the response and service times of all requests that were answered, as
// the runs have written them down one by one.
func (f fleet) records(t *testing.T, runs []string) (response, service []time.Duration) {
	t.Helper()
	args := []string{"records"}
	for _, run := range runs {
		args = append(args, filepath.Dir(run))
	}
	cmd := f.command(t.Context(), filepath.Join(f.root, "bin/loadrunner"), args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("loadrunner records: %v", err)
	}
	lines, err := csv.NewReader(strings.NewReader(string(out))).ReadAll()
	if err != nil {
		t.Fatalf("loadrunner records: %v", err)
	}
	for _, l := range lines[1:] {
		if _, err := strconv.Atoi(l[3]); err != nil {
			continue // no status: it was not answered
		}
		var moments [3]time.Duration // scheduled, started, finished
		for i := range moments {
			ns, err := strconv.ParseInt(l[i], 10, 64)
			if err != nil {
				t.Fatalf("loadrunner records: %q: %v", l, err)
			}
			moments[i] = time.Duration(ns)
		}
		response, service = append(response, moments[2]-moments[0]), append(service, moments[2]-moments[1])
	}
	return response, service
}

// ranks are the percentiles of a report, as shares.
var ranks = map[string]float64{"p50_ns": 0.5, "p90_ns": 0.9, "p99_ns": 0.99, "p99.9_ns": 0.999, "max_ns": 1}

// near holds percentiles to those of all times, sorted. A histogram keeps whole
// microseconds within 0.1 %.
func near(t *testing.T, what string, reported map[string]time.Duration, all []time.Duration) {
	t.Helper()
	slices.Sort(all)
	for name, share := range ranks {
		rank := int(math.Ceil(share*float64(len(all)) - 1e-6)) // as 0.99 × 3000 may come out above 2970
		got, want := reported[name], all[rank-1].Truncate(time.Microsecond)
		off := math.Abs(float64(got-want)) / float64(want)
		t.Logf("%s %s: reported %v, of %d records %v, %.3f %% off", what, name, got, len(all), want, 100*off)
		if off > 0.001 {
			t.Errorf("%s %s: the report has %v, want %v as all %d records say: %.3f %% off", what, name, got, want, len(all), 100*off)
		}
	}
}
