package world

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/health"
)

func TestEventsAreNumberedAcrossDaemons(t *testing.T) {
	t.Parallel()
	folder := worldFolder(t)
	w := openWorld(t, folder)
	w.event("world", "one", "begins")
	w.event("world", "two", "begins")
	if _, err := w.events.file.WriteString(`{"kind":"world","mess`); err != nil { // killed over a line
		t.Fatal(err)
	}

	again := openWorld(t, folder)
	again.event("world", "three", "begins")
	want := map[int]string{1: "one", 2: "two", 4: "three"}
	if diff := cmp.Diff(want, byNumber(again.Events(0))); diff != "" {
		t.Errorf("events of the daemon after (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[int]string{4: "three"}, byNumber(again.Events(2))); diff != "" {
		t.Errorf("events after number 2 (-want +got):\n%s", diff)
	}

	file, err := os.Open(filepath.Join(folder, EventsFile))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := NewEventReader(file)
	for _, want := range []map[int]string{want, {}, {5: "four"}} {
		if len(want) == 1 {
			again.event("world", "four", "begins")
		}
		got, err := reader.Read()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, byNumber(got)); diff != "" {
			t.Errorf("events read from the file (-want +got):\n%s", diff)
		}
	}
}

func byNumber(events []Event) map[int]string {
	out := map[int]string{}
	for _, e := range events {
		out[e.Number] = e.ID
	}
	return out
}

func TestEventsRememberTheLatest(t *testing.T) {
	t.Parallel()
	w := openWorld(t, worldFolder(t))
	const all = 3*keptEvents + 5
	for range all {
		if err := w.events.add(Event{Kind: "world"}); err != nil {
			t.Fatal(err)
		}
	}
	got := w.Events(0)
	if len(got) != keptEvents || got[0].Number != all-keptEvents+1 || got[len(got)-1].Number != all {
		t.Errorf("of %d events: got %d, from %d to %d; want the latest %d", all, len(got), got[0].Number, got[len(got)-1].Number, keptEvents)
	}
	if got := w.Events(all); len(got) != 0 {
		t.Errorf("events after the last: got %v, want none", got)
	}
}

func TestHistoryRemembersTheLatest(t *testing.T) {
	t.Parallel()
	w := openWorld(t, worldFolder(t))
	const all = 3*keptSamples + 5
	for second := range int64(all) {
		w.past.add(Sample{Time: second})
	}
	for after, want := range map[int64]int{0: keptSamples, all - 11: 10, all - 1: 0, all + 100: 0} {
		got := w.History(after)
		if len(got) != want || want > 0 && got[want-1].Time != all-1 {
			t.Errorf("History(%d) of %d seconds: got %d samples, want the latest %d", after, all, len(got), want)
		}
	}
}

func TestSampleCountsByZone(t *testing.T) {
	t.Parallel()
	w := grouped(t, Group{Pools: []string{"p"}}, "a4", "a5", "b4", "b5", "d4") // zone d is no longer declared
	for id, said := range map[string]health.State{"a4": health.Healthy, "a5": health.Unhealthy, "b4": health.Healthy, "b5": health.Healthy, "d4": health.Healthy} {
		w.state.Instances[id].Health = map[string]health.State{"p": said}
	}
	w.actual.gone["b5"] = noon
	got, _ := w.sizes()
	want := Sample{Desired: 5, Healthy: 3, InService: 5, Zones: map[string]int{"a": 1, "b": 1, "c": 0, "d": 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sample of a group (-want +got):\n%s", diff)
	}
}

func TestSampleCountsSinceTheOneBefore(t *testing.T) {
	t.Parallel()
	kept, added, removed := new(balancer.Listener), new(balancer.Listener), new(balancer.Listener)
	pool := new(balancer.Pool)
	at := time.Unix(100, 0)
	before := traffic{
		at:    at,
		doors: map[door]counted{kept: {requests: 100, errors: 1}, removed: {requests: 900, errors: 900}},
		pools: map[*balancer.Pool]counted{pool: {errors: 5}},
	}
	now := traffic{
		at: at.Add(2 * time.Second), inFlight: 3,
		doors: map[door]counted{
			kept:  {requests: 140, errors: 3, times: balancer.Histogram{11: 40}},
			added: {requests: 10},
		},
		pools: map[*balancer.Pool]counted{pool: {errors: 9}},
	}
	var got Sample
	now.since(before, &got)
	want := Sample{Requests: 25, Errors: 3, InFlight: 3, P50: math.Exp2(10.5) / 1000, P99: math.Exp2(10.99) / 1000}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sample of 50 requests and 6 errors in 2 s (-want +got):\n%s", diff)
	}
	var first Sample
	now.since(traffic{}, &first)
	if diff := cmp.Diff(Sample{InFlight: 3}, first); diff != "" {
		t.Errorf("sample at the first look (-want +got):\n%s", diff)
	}
}

func TestQuantileStaysInItsPowerOfTwo(t *testing.T) {
	t.Parallel()
	h := balancer.Histogram{5: 90, 10: 9, 20: 1}
	for _, c := range []struct {
		q         float64
		low, high float64 // milliseconds
	}{
		{0.5, 0.016, 0.032},
		{0.9, 0.016, 0.032},
		{0.95, 0.512, 1.024},
		{0.999, 524.288, 1048.576},
		{1, 524.288, 1048.576},
	} {
		if got := quantile(h, c.q); got < c.low || got > c.high {
			t.Errorf("quantile %g: got %g ms, want one from %g to %g", c.q, got, c.low, c.high)
		}
	}
	if got := quantile(balancer.Histogram{}, 0.5); got != 0 {
		t.Errorf("quantile of nothing: got %g, want 0", got)
	}
}
