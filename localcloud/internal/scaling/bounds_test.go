package scaling_test

import (
	"testing"

	"orchard/localcloud/internal/scaling"
)

func TestPlanReplacesGradually(t *testing.T) {
	t.Parallel()
	type bounds = scaling.Bounds
	surge, tenth, half := bounds{Min: 100, Max: 150}, bounds{Min: 90, Max: 100}, bounds{Min: 50, Max: 100}
	tests := []struct {
		name    string
		bounds  bounds
		desired int
		fleet   string
		want    string
	}{
		{"without bounds all at once", bounds{}, 3, "a1* b1* c1*", "-a1 -b1 -c1 +a +b +c"},
		{"launch first: one more than desired", surge, 3, "a1* b1* c1*", "+a"},
		{"launch first: waits for the new one", surge, 3, "a1* b1* c1* a2?=", ""},
		{"launch first: in service is not ready yet", surge, 3, "a1* b1* c1* a2-=", ""},
		{"launch first: then its elder goes, and the next is launched", surge, 3, "a1* b1* c1* a2=", "-a1 +b"},
		{"launch first: the last old one goes", surge, 3, "a1 b1 c1* c2=", "-c1"},
		{"launch first: half more of six", surge, 6, "a1* a2* b1* b2* c1* c2*", "+a +b +c"},
		{"launch first: a group of one has two", bounds{100, 110}, 1, "a1*", "+a"},
		{"launch first: an unhealthy one stays until its replacement is ready", surge, 3, "a1 b1*- c1", "+b"},
		{"launch first: then it goes", surge, 3, "a1 b1*- c1 b2=", "-b1"},
		{"launch first: unhealthy ones go before healthy ones", surge, 3, "a1* b1*- c1* b2=", "-b1 +a"},
		{"launch first: what is gone goes at once", surge, 3, "a1* b1! c1*", "-b1 +a +b"},
		{"launch first, and one may be missing", bounds{66, 150}, 3, "a1* b1* c1*", "-a1 +a +b"},
		{"terminate first: at least one at a time", tenth, 3, "a1* b1* c1*", "-a1 +a"},
		{"terminate first: not the next before the new one is ready", tenth, 3, "a2? b1* c1*", ""},
		{"terminate first: then the next", tenth, 3, "a2 b1* c1*", "-b1 +b"},
		{"terminate first: a tenth of twenty is two", tenth, 20, "a1* a2* a3* a4* a5* a6* a7* b1* b2* b3* b4* b5* b6* b7* c1* c2* c3* c4* c5* c6*", "-a1 -b1 +a +b"},
		{"terminate first: half of four", half, 4, "a1* a2* b1* c1*", "-a1 -a2 +a +b"},
		{"terminate first: what is not ready does not serve and goes", half, 4, "a1* a2*- b1*- c1*", "-a2 -b1 +a +b"},
		{"a group of one has an outage", tenth, 1, "a1*", "-a1 +a"},
		{"scaled in meanwhile: an old one goes for good", surge, 2, "a1 b1 c1*", "-c1"},
		{"scaled out meanwhile", surge, 5, "a1* b1* c1*", "+a +b +c +a"},
		{"given up: what was to take over and is not ready is not too many", surge, 3, "a1 b1 c1 a2-=", ""},
		{"given up: what has become ready is", surge, 3, "a1 b1 c1 a2=", "-a1"},
	}
	for _, tt := range tests {
		g := scaling.Group{Min: 0, Max: 20, Desired: tt.desired, Zones: []string{"a", "b", "c"}, Rebalance: true, Bounds: tt.bounds}
		if got := summary(scaling.Plan(g, instances(tt.fleet), start)); got != tt.want {
			t.Errorf("%s: plan for %q within %v: got %q, want %q", tt.name, tt.fleet, tt.bounds, got, tt.want)
		}
	}
}

// TestPlanNeverLeavesItsBounds replaces fleets step by step: however the steps
// fall, there are never fewer ready instances nor more instances than allowed.
func TestPlanNeverLeavesItsBounds(t *testing.T) {
	t.Parallel()
	for desired := 1; desired <= 12; desired++ {
		for _, b := range []scaling.Bounds{{100, 110}, {100, 150}, {100, 200}, {90, 120}, {50, 100}, {0, 100}} {
			replaceAll(t, desired, b)
		}
	}
}

func replaceAll(t *testing.T, desired int, b scaling.Bounds) {
	t.Helper()
	g := scaling.Group{Max: desired, Desired: desired, Zones: []string{"a", "b", "c"}, Bounds: b, Rebalance: true}
	fleet := apply(nil, scaling.Plan(g, nil, start), 0)
	for n := range fleet {
		fleet[n].Ready, fleet[n].Replace, fleet[n].Gradual = true, "old", true
	}
	for round := 1; round <= 4*desired; round++ {
		a := scaling.Plan(g, fleet, start)
		if len(a.Launch)+len(a.Terminate) == 0 && ready(fleet) == len(fleet) {
			break
		}
		fleet = apply(fleet, a, round)
		least, most := (desired*b.Min+99)/100, desired
		if b.Max > 100 {
			most = max(desired+1, desired*b.Max/100)
		} else {
			least = min(least, desired-1)
		}
		if n := ready(fleet); n < least || len(fleet) > most {
			t.Fatalf("desired %d within %v: got %d ready of %d, want at least %d of at most %d", desired, b, n, len(fleet), least, most)
		}
		wake(fleet)
	}
	for _, i := range fleet {
		if i.Replace != "" || len(fleet) != desired {
			t.Fatalf("desired %d within %v: got %+v at the end, want new instances only", desired, b, fleet)
		}
	}
}

// wake makes the first instance ready that is not.
func wake(fleet []scaling.Instance) {
	for n := range fleet {
		if !fleet[n].Ready {
			fleet[n].Ready = true
			return
		}
	}
}

func ready(fleet []scaling.Instance) int {
	n := 0
	for _, i := range fleet {
		if i.Ready {
			n++
		}
	}
	return n
}
