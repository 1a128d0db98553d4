package record

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestHistogramJSON(t *testing.T) {
	t.Parallel()
	h := NewHistogram()
	for i := range 1000 {
		h.Add(time.Duration(i) * 37 * time.Microsecond)
	}
	text, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	got := NewHistogram()
	if err := json.Unmarshal(text, got); err != nil {
		t.Fatal(err)
	}
	if !got.h.Equals(h.h) {
		t.Errorf("read back %d times with p99 %v, want %d with %v", got.Count(), got.Quantile(0.99), h.Count(), h.Quantile(0.99))
	}
	if err := got.UnmarshalText([]byte("nonsense")); err == nil {
		t.Error("nonsense was read as a histogram")
	}
}

// TestHistogramIsWithinItsError holds every percentile to the sorted values.
func TestHistogramIsWithinItsError(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	h, all := NewHistogram(), []time.Duration{}
	for range 100_000 {
		d := time.Duration(math.Exp(random.NormFloat64()+8)) * time.Microsecond
		h.Add(d)
		all = append(all, d)
	}
	slices.Sort(all)
	for _, q := range []float64{0.5, 0.9, 0.99, 0.999, 1} {
		want := all[int(math.Ceil(q*float64(len(all))))-1]
		if off := math.Abs(float64(h.Quantile(q)-want)) / float64(want); off > 0.001 {
			t.Errorf("p%g is %v, want %v: %.3f %% off", 100*q, h.Quantile(q), want, 100*off)
		}
	}
	h.Add(time.Hour)
	if got := h.Max(); got < Longest || got > Longest*1001/1000 {
		t.Errorf("an hour counts as %v, want %v", got, Longest)
	}
}

func TestBars(t *testing.T) {
	t.Parallel()
	h := NewHistogram()
	for _, d := range []time.Duration{900, 1000, 1100, 5000, 40000} {
		h.Add(d * time.Microsecond)
	}
	us := time.Microsecond
	want := []Bar{
		{562 * us, 1000 * us, 2},
		{1000 * us, 1780 * us, 1},
		{1780 * us, 3160 * us, 0},
		{3160 * us, 5620 * us, 1},
		{5620 * us, 10000 * us, 0},
		{10000 * us, 17800 * us, 0},
		{17800 * us, 31600 * us, 0},
		{31600 * us, 56200 * us, 1},
	}
	if diff := cmp.Diff(want, h.Bars()); diff != "" {
		t.Errorf("bars (-want +got):\n%s", diff)
	}
}

// TestRecorder plays three seconds: good, failing, good again.
func TestRecorder(t *testing.T) {
	t.Parallel()
	r, windows := NewRecorder([]Kind{{Name: "read"}, {Name: "write", Write: true}}, 3*time.Second)
	var seconds []Counts
	var gaps, writeGaps []Gap
	total := NewResult()
	read := make(chan struct{})
	go func() {
		defer close(read)
		for w := range windows {
			seconds = append(seconds, w.Counts)
			gaps, writeGaps = append(gaps, w.LongestGap), append(writeGaps, w.LongestWriteGap)
			total.AddWindow(w)
			r.Return(w)
		}
	}()
	const ms = time.Millisecond
	r.Scheduled(0)
	r.Answered(0, 200, ms, ms, 100*ms)
	r.Scheduled(11 * ms)
	r.Answered(1, 201, 2*ms, ms, 900*ms)
	r.Now(1500 * ms)
	for range 4 {
		r.Scheduled(0)
	}
	r.Answered(0, 503, ms, ms, 1600*ms)
	r.Failed(1, Timeout, 10*ms, 5*ms, 1700*ms)
	r.Late(10*ms, 1800*ms)
	r.Dropped(20*ms, 1900*ms)
	r.Now(2000 * ms)
	r.Scheduled(0)
	r.Retried()
	r.Answered(0, 200, 5*ms, 4*ms, 2400*ms)
	r.Finish(9000 * ms)
	<-read
	total.AddClasses(r)

	want := []Counts{
		{Scheduled: 2, Answered: 2, Behind: 1},
		{Scheduled: 4, Answered: 1, Errors: 1, Late: 1, Dropped: 1, Failed: 4},
		{Scheduled: 1, Answered: 1, Retried: 1},
	}
	if diff := cmp.Diff(want, seconds[:3]); diff != "" {
		t.Errorf("seconds (-want +got):\n%s", diff)
	}
	if got, want := gaps[2], (Gap{900 * ms, 1500 * ms}); got != want {
		t.Errorf("the gap in the third second is %v, want %v", got, want)
	}
	if got, want := writeGaps[2], (Gap{900 * ms, 2100 * ms}); got != want {
		t.Errorf("the gap of writes in the third second is %v, want %v", got, want)
	}
	if total.Missing() != 0 || total.LongestGap.For != 1500*ms {
		t.Errorf("%d missing, longest gap %v, want 0 and 1.5s", total.Missing(), total.LongestGap)
	}
	if diff := cmp.Diff(map[string]KindCounts{"read": {2, 1}, "write": {1, 1}}, total.Kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"200", "201", "503", "timeout"}, total.ClassNames()); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
}

func TestManyStatusesShareAHistogram(t *testing.T) {
	t.Parallel()
	r, _ := NewRecorder([]Kind{{Name: "read"}}, time.Second)
	for status := 200; status < 300; status++ {
		r.Answered(0, status, time.Millisecond, time.Millisecond, time.Millisecond)
	}
	if n, other := len(r.classes), r.classes[Other].Count(); n != maxClasses+1 || other != 100-maxClasses {
		t.Errorf("%d histograms with %d in the last, want %d with %d", n, other, maxClasses+1, 100-maxClasses)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		counts Counts
		broken bool
	}{
		{Counts{Scheduled: 1000, Answered: 1000, Behind: 10}, false},
		{Counts{Scheduled: 1000, Answered: 1000, Behind: 11}, true},
		{Counts{Scheduled: 1000, Answered: 999}, true},
		{Counts{Scheduled: 1000, Late: 900, Dropped: 100}, false},
		{Counts{}, true},
	} {
		r := Result{Counts: test.counts, Bound: 0.01}
		if r.Judge(); (r.Broken != "") != test.broken {
			t.Errorf("%+v: broken %q, want %v", test.counts, r.Broken, test.broken)
		}
	}
}
