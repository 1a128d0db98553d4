package scaling_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/scaling"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// instances reads a fleet: one word per instance, "a1" is the first instance
// of zone a, launched in the order of the words; what follows is "v2" the
// template version, "!" to be replaced, "*" to be replaced gradually, "~"
// terminating, "?" booting, "-" in service and not ready, "^" protected, "="
// launched to take over.
func instances(fleet string) []scaling.Instance {
	var all []scaling.Instance
	for n, word := range strings.Fields(fleet) {
		i := scaling.Instance{
			ID: word[:2], Zone: word[:1], TemplateVersion: 1, Launched: start.Add(time.Duration(n) * time.Second),
			Terminating: strings.Contains(word, "~"), Booting: strings.Contains(word, "?"),
			Protected: strings.Contains(word, "^"), Surplus: strings.Contains(word, "="),
			Ready: !strings.ContainsAny(word, "?-!"), Gradual: strings.Contains(word, "*"),
		}
		if strings.ContainsAny(word, "!*") {
			i.Replace = "gone"
		}
		if _, v, ok := strings.Cut(word, "v"); ok {
			i.TemplateVersion, _ = strconv.Atoi(v[:1])
		}
		all = append(all, i)
	}
	return all
}

func summary(a scaling.Actions) string {
	var words []string
	for _, t := range a.Terminate {
		words = append(words, "-"+t.ID)
	}
	for _, l := range a.Launch {
		words = append(words, "+"+l.Zone)
	}
	for _, h := range a.Held {
		words = append(words, fmt.Sprintf("held %d%s", h.Count, h.Zone))
	}
	return strings.Join(words, " ")
}

func TestPlan(t *testing.T) {
	t.Parallel()
	g := func(minimum, maximum, desired int) scaling.Group {
		return scaling.Group{Min: minimum, Max: maximum, Desired: desired, Zones: []string{"a", "b", "c"}, Rebalance: true}
	}
	broken := func(g scaling.Group, balance scaling.Balance, zones ...string) scaling.Group {
		g.Balance, g.CannotLaunch = balance, map[string]string{}
		for _, z := range zones {
			g.CannotLaunch[z] = "no capacity"
		}
		return g
	}
	steady := g(3, 6, 3)
	steady.Rebalance = false
	tests := []struct {
		name  string
		group scaling.Group
		fleet string
		want  string
	}{
		{"first launch spreads", g(3, 6, 3), "", "+a +b +c"},
		{"ties go by order of zones", g(3, 6, 4), "", "+a +b +c +a"},
		{"fewest first", g(3, 6, 5), "a1 b1 c1 a2", "+b"},
		{"nothing to do", g(3, 6, 3), "a1 b1 c1", ""},
		{"booting counts", g(3, 6, 3), "a1? b1? c1?", ""},
		{"terminating does not", g(3, 6, 3), "a1 b1~ c1", "+b"},
		{"unhealthy: terminate and launch there", g(3, 6, 3), "a1 b1! c1", "-b1 +b"},
		{"all unhealthy", g(3, 6, 3), "a1! b1! c1!", "-a1 -b1 -c1 +a +b +c"},
		{"unhealthy while scaling in is not replaced", g(1, 6, 2), "a1 b1! c1", "-b1"},
		{"terminating and to be replaced is left alone", g(3, 6, 3), "a1 b1~! c1", "+b"},
		{"desired below min", g(3, 6, 1), "a1 b1", "+c"},
		{"desired above max", g(1, 3, 9), "a1 b1 c1", ""},
		{"max lowered", g(1, 2, 3), "a1 b1 c1", "-a1"},

		{"scale in from the zone with most", g(1, 6, 3), "a1 b1 b2 c1", "-b1"},
		{"there the oldest template first", g(1, 6, 3), "a1 b1v2 b2v1 c1", "-b2"},
		{"level zones: oldest template, then oldest instance", g(1, 6, 2), "c1v2 a1v2 b1v1", "-b1"},
		{"level zones: oldest instance", g(1, 6, 2), "c1 a1 b1", "-c1"},
		{"each choice sees the last", g(1, 6, 2), "a1 a2 a3 b1 b2 c1", "-a1 -a2 -b1 -a3"},
		{"zone balance wins over the template", g(1, 6, 3), "a1v2 a2v2 b1v1 c1v1", "-a1"},
		{"protected stay", g(0, 6, 1), "a1^ a2 b1^", "-a2"},
		{"booting may go", g(1, 6, 1), "a1 a2?", "-a1"},
		{"a zone that the group has left goes first", g(1, 6, 3), "a1 a2 b1 z1", "-z1"},

		{"best effort goes elsewhere", broken(g(3, 6, 3), scaling.BestEffort, "b"), "a1 c1", "+a"},
		{"two zones lost", broken(g(3, 6, 6), scaling.BestEffort, "b", "c"), "a1 a2", "+a +a +a +a"},
		{"no zone left", broken(g(3, 6, 3), scaling.BestEffort, "a", "b", "c"), "a1", "held 2"},
		{"balanced only waits", broken(g(3, 6, 3), scaling.BalancedOnly, "b"), "a1 c1", "held 1b"},
		{"balanced only fills the others to their share", broken(g(3, 9, 6), scaling.BalancedOnly, "b"), "a1 c1", "+a +c held 2b"},

		{"rebalance launches first", g(3, 6, 4), "a1 a2 a3 b1", "+c"},
		{"then it terminates", g(3, 6, 4), "a1 a2 a3 b1 c1=", "-a1"},
		{"not before the new one is in service", g(3, 6, 4), "a1 a2 a3 b1 c1=?", ""},
		{"a difference of one is balance", g(3, 6, 4), "a1 a2 b1 c1", ""},
		{"rebalance may pass max by one", g(3, 4, 4), "a1 a2 a3 b1", "+c"},
		{"not while something boots", g(3, 6, 4), "a1 a2 a3 b1?", ""},
		{"not into a broken zone", broken(g(3, 6, 4), scaling.BestEffort, "c"), "a1 a2 b1 b2", ""},
		{"moves out of a zone that the group has left", g(3, 6, 3), "a1 b1 z1", "+c"},
		{"no rebalance where the cloud does none", steady, "a1 a2 a3", ""},
		{"desired lowered during a rebalance", g(3, 6, 3), "a1 a2 a3 b1 c1=?", "-a1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := summary(scaling.Plan(tt.group, instances(tt.fleet), start)); got != tt.want {
				t.Errorf("plan for %q: got %q, want %q", tt.fleet, got, tt.want)
			}
		})
	}
}

func TestPlanTellsReasons(t *testing.T) {
	t.Parallel()
	g := scaling.Group{
		Min: 3, Max: 6, Desired: 4, Zones: []string{"a", "b"},
		CannotLaunch: map[string]string{"a": "zone is down"}, Balance: scaling.BalancedOnly,
	}
	got := scaling.Plan(g, instances("a1! b1"), start)
	want := scaling.Actions{
		Desired:   4,
		Terminate: []scaling.Termination{{ID: "a1", Zone: "a", Reason: "gone"}},
		Launch:    []scaling.Launch{{Zone: "b", Reason: "1 of 4 instances"}},
		Held:      []scaling.Held{{Zone: "a", Count: 2, Reason: "zone is down"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	got = scaling.Plan(scaling.Group{Max: 6, Desired: 1, Zones: []string{"a", "b"}}, instances("a1 b1"), start)
	if len(got.Terminate) != 1 || got.Terminate[0].Reason != "2 instances, desired 1" || !got.Terminate[0].ScaleIn {
		t.Errorf("scale in: got %+v, want the counts as reason", got.Terminate)
	}
}

// TestPlanReplacesAZone follows a group through the loss of a zone and back:
// every plan is carried out at once and planned again.
func TestPlanReplacesAZone(t *testing.T) {
	t.Parallel()
	g := scaling.Group{Min: 3, Max: 9, Desired: 6, Zones: []string{"a", "b", "c"}, Rebalance: true}
	fleet := instances("a1 a2 b1 b2 c1 c2")
	for i := range fleet {
		if fleet[i].Zone == "c" {
			fleet[i].Replace = "gone"
		}
	}
	g.CannotLaunch = map[string]string{"c": "down"}
	fleet = settle(t, g, fleet)
	if got := spread(fleet); got != "a3 b3 c0" {
		t.Errorf("zone c lost: got %s, want a3 b3 c0", got)
	}
	g.CannotLaunch = nil
	fleet = settle(t, g, fleet)
	if got := spread(fleet); got != "a2 b2 c2" {
		t.Errorf("zone c back: got %s, want a2 b2 c2", got)
	}
}

func settle(t *testing.T, g scaling.Group, fleet []scaling.Instance) []scaling.Instance {
	t.Helper()
	for round := range 20 {
		a := scaling.Plan(g, fleet, start)
		if len(a.Launch)+len(a.Terminate) == 0 {
			return fleet
		}
		fleet = apply(fleet, a, round)
		for n := range fleet {
			fleet[n].Ready = true
		}
	}
	t.Fatalf("the plan does not settle: %s", spread(fleet))
	return nil
}

func apply(fleet []scaling.Instance, a scaling.Actions, round int) []scaling.Instance {
	gone := map[string]bool{}
	for _, d := range a.Terminate {
		gone[d.ID] = true
	}
	var next []scaling.Instance
	for _, i := range fleet {
		if !gone[i.ID] {
			next = append(next, i)
		}
	}
	for n, l := range a.Launch {
		next = append(next, scaling.Instance{
			ID: fmt.Sprintf("new%d.%d", round, n), Zone: l.Zone, TemplateVersion: 1,
			Launched: start.Add(time.Hour), Surplus: l.Surplus,
		})
	}
	return next
}

func spread(fleet []scaling.Instance) string {
	counts := map[string]int{}
	for _, i := range fleet {
		counts[i.Zone]++
	}
	return fmt.Sprintf("a%d b%d c%d", counts["a"], counts["b"], counts["c"])
}
