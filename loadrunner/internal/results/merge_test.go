package results

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/loadrunner/internal/ledger"
	"orchard/loadrunner/internal/record"
)

// node writes the results of a node that ran for some seconds, with a request for
// each time, and returns its folder.
func node(t *testing.T, name string, started time.Time, seconds [][]time.Duration) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), name)
	w, err := Create(folder)
	if err != nil {
		t.Fatal(err)
	}
	recorder, windows := record.NewRecorder([]record.Kind{{Name: "get"}}, time.Duration(len(seconds))*time.Second)
	d := &Document{Result: record.NewResult(), Ledger: &ledger.Verdict{Acknowledged: 1}, Events: []Event{{Name: name}}}
	d.Node, d.Nodes, d.Started, d.Seconds, d.Planned = name, 1, started, float64(len(seconds)), float64(len(seconds))
	read := make(chan struct{})
	go func() {
		defer close(read)
		for window := range windows {
			d.AddWindow(window)
			if err := w.Window(window); err != nil {
				t.Error(err)
			}
			recorder.Return(window)
		}
	}()
	for second, times := range seconds {
		at := time.Duration(second) * time.Second
		recorder.Now(at)
		for _, response := range times {
			recorder.Scheduled(0)
			recorder.Answered(0, 200, response, response/2, at)
		}
	}
	recorder.Finish(time.Duration(len(seconds))*time.Second - 1)
	<-read
	d.AddClasses(recorder)
	if err := w.Finish(d); err != nil {
		t.Fatal(err)
	}
	return folder
}

// TestMergeEqualsAllRecords has 20 nodes, one of them slow, and holds the percentiles
// of their merged results to those of all records sorted.
func TestMergeEqualsAllRecords(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	started := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	var all []time.Duration
	bySecond := make([][]time.Duration, 5)
	var folders []string
	for n := range 20 {
		mean := 1.0
		if n == 7 {
			mean = 4.0
		}
		seconds := make([][]time.Duration, 5)
		for i := range seconds {
			for range 300 {
				d := time.Duration(math.Exp(random.NormFloat64()/2+mean)*1000) * time.Microsecond
				seconds[i] = append(seconds[i], d)
				bySecond[i] = append(bySecond[i], d)
				all = append(all, d)
			}
		}
		folders = append(folders, node(t, fmt.Sprintf("node-%d", n), started.Add(time.Duration(n)*time.Millisecond), seconds))
	}
	into := filepath.Join(t.TempDir(), "merged")
	d, err := Merge(into, folders)
	if err != nil {
		t.Fatal(err)
	}
	if d.Scheduled != 30000 || d.Nodes != 20 || d.Ledger.Acknowledged != 20 || d.Broken != "" {
		t.Errorf("merged: %d scheduled on %d nodes, %d acknowledged, broken %q; want 30000, 20, 20, none", d.Scheduled, d.Nodes, d.Ledger.Acknowledged, d.Broken)
	}
	near(t, "in total", d.Response, all)
	near(t, "of the status", d.Classes["200"], all)
	i := 0
	for w, err := range Windows(into) {
		if err != nil {
			t.Fatal(err)
		}
		near(t, fmt.Sprintf("in second %d", w.Second), w.Response, bySecond[i])
		i++
	}
	if i != 5 {
		t.Errorf("%d merged seconds, want 5", i)
	}
}

// near holds a histogram to sorted records, within the histogram's error of 0.1 %.
func near(t *testing.T, where string, h *record.Histogram, records []time.Duration) {
	t.Helper()
	slices.Sort(records)
	for _, q := range []float64{0.5, 0.9, 0.99, 0.999, 1} {
		want := records[int(math.Ceil(q*float64(len(records))))-1]
		if off := math.Abs(float64(h.Quantile(q)-want)) / float64(want); off > 0.001 {
			t.Errorf("%s: p%g is %v, want %v: %.3f %% off", where, 100*q, h.Quantile(q), want, 100*off)
		}
	}
}

// TestMergePutsSecondsTogether has nodes that began 2 s apart.
func TestMergePutsSecondsTogether(t *testing.T) {
	t.Parallel()
	started := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	one := []time.Duration{time.Millisecond}
	late := node(t, "late", started.Add(2100*time.Millisecond), [][]time.Duration{one, one})
	early := node(t, "early", started, [][]time.Duration{one, one, one})
	into := filepath.Join(t.TempDir(), "merged")
	d, err := Merge(into, []string{late, early})
	if err != nil {
		t.Fatal(err)
	}
	got := map[int]uint64{}
	for w, err := range Windows(into) {
		if err != nil {
			t.Fatal(err)
		}
		got[w.Second] = w.Answered
	}
	if diff := cmp.Diff(map[int]uint64{0: 1, 1: 1, 2: 2, 3: 1}, got); diff != "" {
		t.Errorf("answers by second (-want +got):\n%s", diff)
	}
	if !d.Started.Equal(started) || d.Seconds != 4.1 {
		t.Errorf("it began at %v and took %v s, want %v and 4.1", d.Started, d.Seconds, started)
	}
	if diff := cmp.Diff([]Event{{2100 * time.Millisecond, "late"}, {0, "early"}}, d.Events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestMergeOfNothing(t *testing.T) {
	t.Parallel()
	if _, err := Merge(t.TempDir(), nil); err == nil {
		t.Error("nothing was merged without an error")
	}
	if _, err := Merge(t.TempDir(), []string{t.TempDir()}); err == nil {
		t.Error("an empty folder was merged without an error")
	}
}
