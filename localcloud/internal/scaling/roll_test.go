package scaling_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/scaling"
)

// rollout begins after the fleets of these tests were launched.
var began = start.Add(time.Minute)

func rolled(p scaling.Progress, reasons map[string]string) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s", p.Status, strings.Join(slices.Sorted(maps.Keys(reasons)), " ")))
}

// upgraded marks the instances of the given names as launched by the roll-out.
func upgraded(fleet []scaling.Instance, names string) []scaling.Instance {
	for n, i := range fleet {
		if slices.Contains(strings.Fields(names), i.ID) {
			fleet[n].Launched, fleet[n].TemplateVersion = began.Add(time.Second), 2
		}
	}
	return fleet
}

func TestRoll(t *testing.T) {
	t.Parallel()
	refresh := scaling.Rollout{Bounds: scaling.Bounds{Min: 100, Max: 150}, Stall: time.Hour}
	upgrade := scaling.Rollout{
		Bounds: scaling.Bounds{Min: 100, Max: 134}, Batch: 34, Pause: 10 * time.Second,
		MaxUnhealthy: 34, MaxUnhealthyUpgraded: 34, UnhealthyFirst: true,
	}
	crossing := upgrade
	crossing.CrossZone, crossing.Batch = true, 50
	batch := func(ids ...string) scaling.Progress { return scaling.Progress{Batch: ids} }
	tests := []struct {
		name    string
		rollout scaling.Rollout
		before  scaling.Progress // Version, Began and Status are filled in
		fleet   string
		new     string
		after   time.Duration // since it began
		want    string
	}{
		{"a refresh replaces all", refresh, batch(), "a1 b1 c1", "", 0, "rolling a1 b1 c1"},
		{"what is new stays", refresh, batch(), "a2 b1 c1", "a2", time.Minute, "rolling b1 c1"},
		{"the same version from before is replaced too", refresh, batch(), "a1v2 b1 c1", "", 0, "rolling a1 b1 c1"},
		{"what is going counts for nothing", refresh, batch(), "a1~ a2 b2 c2", "a2 b2 c2", time.Minute, "done"},
		{"all have been lost meanwhile, by a refresh", refresh, batch(), "", "", 0, "rolling"},
		{"not before all are ready", refresh, batch(), "a2 b2 c2?", "a2 b2 c2", time.Minute, "rolling"},

		{"a third of three is one", upgrade, batch(), "a1 b1 c1", "", 0, "rolling a1"},
		{"at least one", scaling.Rollout{Batch: 5, MaxUnhealthy: 20}, batch(), "a1 b1 c1", "", 0, "rolling a1"},
		{"unhealthy ones first", upgrade, batch(), "a1 b1- c1", "", 0, "rolling b1"},
		{"a batch goes on until its last instance has gone", upgrade, batch("a1"), "a1 a2= b1 c1", "a2", 0, "rolling a1"},
		{"a pause between batches", upgrade, batch("a1"), "a2 b1 c1", "a2", 0, "rolling"},
		{"no next batch before all that are upgraded are ready", upgrade, batch(), "a2- b1 c1", "a2", 0, "rolling"},
		{"too many unhealthy before a batch", upgrade, batch(), "a1- b1- c1", "", 0, "failed"},
		{"too many upgraded unhealthy after a batch", upgrade, batch("b1"), "a2 b2- c1", "a2 b2", 0, "failed"},
		{"one that still boots is not unhealthy", upgrade, batch("a1"), "a2? b1 c1", "a2", 0, "rolling"},
		{"one zone at a time", scaling.Rollout{Batch: 50, MaxUnhealthy: 20}, batch(), "a1 a2 b1 b2 c1 c2", "", 0, "rolling a1 a2"},
		{"several zones where that is allowed", crossing, batch(), "a1 a2 b1 b2 c1 c2", "", 0, "rolling a1 a2 b1"},
		{"all have been lost meanwhile", upgrade, batch("a1"), "", "", 0, "rolling"},
		{"all batches done", upgrade, batch("c1"), "a2 b2 c2", "a2 b2 c2", 0, "done"},
	}
	for _, tt := range tests {
		p := scaling.Begin(2, began)
		p.Batch = tt.before.Batch
		got, reasons := scaling.Roll(tt.rollout, p, upgraded(instances(tt.fleet), tt.new), began.Add(tt.after))
		if s := rolled(got, reasons); s != tt.want {
			t.Errorf("%s: roll of %q with %v new: got %q (%s), want %q", tt.name, tt.fleet, tt.new, s, got.Reason, tt.want)
		}
	}
}

func TestRollFailsWithoutProgress(t *testing.T) {
	t.Parallel()
	r := scaling.Rollout{Bounds: scaling.Bounds{Min: 100, Max: 150}, Stall: time.Hour}
	steps := []struct {
		after time.Duration
		fleet string
		new   string
		want  string
	}{
		{0, "a1 b1 c1", "", "rolling a1 b1 c1"},
		{59 * time.Minute, "a1 b1 c1 a2-", "a2", "rolling a1 b1 c1"},
		{59*time.Minute + time.Second, "a1 b1 c1 a2", "a2", "rolling a1 b1 c1"}, // it moves
		{118 * time.Minute, "a1 b1 c1 a2", "a2", "rolling a1 b1 c1"},
		{119*time.Minute + time.Second, "a1 b1 c1 a2", "a2", "failed"},
		{180 * time.Minute, "a2 b2 c2", "a2 b2 c2", "failed"}, // for good
	}
	p := scaling.Begin(2, began)
	for _, s := range steps {
		var reasons map[string]string
		p, reasons = scaling.Roll(r, p, upgraded(instances(s.fleet), s.new), began.Add(s.after))
		if got := rolled(p, reasons); got != s.want {
			t.Errorf("after %s, fleet %q: got %q (%s), want %q", s.after, s.fleet, got, p.Reason, s.want)
		}
	}
	if want := "no instance was replaced in 1h0m0s"; p.Reason != want {
		t.Errorf("reason: got %q, want %q", p.Reason, want)
	}
}

func TestRollPausesBetweenBatches(t *testing.T) {
	t.Parallel()
	r := scaling.Rollout{Bounds: scaling.Bounds{Min: 100, Max: 134}, Batch: 34, Pause: 10 * time.Second, MaxUnhealthy: 20}
	p := scaling.Begin(2, began)
	p.Batch = []string{"a1"}
	fleet := upgraded(instances("a2 b1 c1"), "a2")
	for _, s := range []struct {
		after time.Duration
		want  string
	}{{0, "rolling"}, {9 * time.Second, "rolling"}, {10 * time.Second, "rolling b1"}} {
		var reasons map[string]string
		p, reasons = scaling.Roll(r, p, fleet, began.Add(s.after))
		if got := rolled(p, reasons); got != s.want {
			t.Errorf("%s after the batch: got %q, want %q", s.after, got, s.want)
		}
	}
}
