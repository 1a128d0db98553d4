package machine

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/machine/proc"
)

func TestUsagesSumTrees(t *testing.T) {
	t.Parallel()
	all := []proc.Stat{
		{PID: 1, CPU: time.Hour},
		{PID: 10, PPID: 1, Start: 5, CPU: time.Second},
		{PID: 11, PPID: 10, CPU: 2 * time.Second},
		{PID: 12, PPID: 11, State: 'Z', CPU: 4 * time.Second},
		{PID: 20, PPID: 1, Start: 6, CPU: 8 * time.Second},
		{PID: 30, PPID: 1, Start: 7, State: 'Z', CPU: time.Hour},
		{PID: 40, PPID: 1, CPU: time.Hour},
		{PID: 50, PPID: 49, CPU: time.Hour}, // its parent has ended meanwhile
	}
	got := usages(all, []Record{
		{ID: "tree", PID: 10, Start: 5},
		{ID: "alone", PID: 20, Start: 6},
		{ID: "dead", PID: 30, Start: 7},
		{ID: "another's number", PID: 40, Start: 8},
		{ID: "gone", PID: 60, Start: 9},
	})
	want := map[string]time.Duration{"tree": 7 * time.Second, "alone": 8 * time.Second}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("usages (-want +got):\n%s", diff)
	}
}

func TestPercents(t *testing.T) {
	t.Parallel()
	before := map[string]time.Duration{"idle": time.Second, "half": time.Second, "two": 0, "back": time.Second, "ended": 1}
	after := map[string]time.Duration{"idle": time.Second, "half": 3 * time.Second, "two": 8 * time.Second, "back": 0, "new": 1}
	want := map[string]float64{"idle": 0, "half": 50, "two": 200}
	if diff := cmp.Diff(want, Percents(before, after, 4*time.Second)); diff != "" {
		t.Errorf("percents (-want +got):\n%s", diff)
	}
	if got := Percents(before, after, 0); len(got) > 0 {
		t.Errorf("percents over no time: got %v, want none", got)
	}
}
