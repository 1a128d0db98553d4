package scaling_test

import (
	"testing"
	"time"

	"orchard/localcloud/internal/scaling"
)

func TestBackoff(t *testing.T) {
	t.Parallel()
	b := scaling.Backoff{First: 5 * time.Second, Max: 60 * time.Second}
	tests := []struct {
		name     string
		failures []int // seconds
		want     int   // seconds
	}{
		{"first failure", []int{100}, 105},
		{"second doubles", []int{100, 110}, 120},
		{"third", []int{100, 110, 130}, 150},
		{"bounded", []int{0, 10, 30, 60, 120, 200, 300}, 360},
		{"failures during the rest change nothing", []int{100, 101, 104}, 105},
		{"as the rest ends", []int{100, 105}, 115},
	}
	for _, tt := range tests {
		got := b.Until(seconds(tt.failures))
		if want := start.Add(time.Duration(tt.want) * time.Second); !got.Equal(want) {
			t.Errorf("%s: failures at %v: got %s, want %d s", tt.name, tt.failures, got.Sub(start), tt.want)
		}
	}
	if got := b.Until(nil); !got.IsZero() {
		t.Errorf("no failures: got %s, want the zero time", got)
	}
}

func TestPlanRestsAfterFailures(t *testing.T) {
	t.Parallel()
	g := scaling.Group{
		Min: 1, Max: 3, Desired: 3, Zones: []string{"a", "b", "c"},
		Backoff:  scaling.Backoff{First: 5 * time.Second, Max: time.Minute},
		Failures: map[string][]time.Time{"b": seconds([]int{0, 10}), "c": seconds([]int{12})},
	}
	now := start.Add(14 * time.Second)
	got := scaling.Plan(g, instances("a1 c1"), now)
	if s := summary(got); s != "+a" || !got.Retry.Equal(start.Add(17*time.Second)) {
		t.Errorf("while b and c rest: got %q, retry %s, want +a, retry 17s", s, got.Retry.Sub(start))
	}
	g.Balance = scaling.BalancedOnly
	if s := summary(scaling.Plan(g, instances("a1 c1"), now)); s != "held 1b" {
		t.Errorf("balanced only while b rests: got %q, want it held", s)
	}
	got = scaling.Plan(g, instances("a1 c1"), start.Add(20*time.Second))
	if s := summary(got); s != "+b" || !got.Retry.IsZero() {
		t.Errorf("after the rest: got %q, retry %s, want +b and no retry", s, got.Retry)
	}
}

func seconds(at []int) []time.Time {
	var times []time.Time
	for _, s := range at {
		times = append(times, start.Add(time.Duration(s)*time.Second))
	}
	return times
}
