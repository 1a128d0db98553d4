package scaling_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/scaling"
)

// TestFollowStatistics reads 10 and 30, then 20, then 60 (the oldest first)
// with every pair of statistics.
func TestFollowStatistics(t *testing.T) {
	t.Parallel()
	readings := []scaling.Reading{ // not in order of time
		{End: start, Values: []float64{60}},
		{End: start.Add(-2 * time.Minute), Values: []float64{10, 30}},
		{End: start.Add(-1 * time.Minute), Values: []float64{20}},
		{End: start.Add(-3 * time.Minute), Values: []float64{1e6}}, // before the window
		{End: start.Add(time.Minute), Values: []float64{1e6}},      // not yet
	}
	tests := []struct {
		across, over scaling.Statistic
		want         float64
	}{
		{scaling.Average, scaling.Average, (20. + 20 + 60) / 3},
		{scaling.Average, scaling.Last, 60},
		{scaling.Average, scaling.Minimum, 20},
		{scaling.Average, scaling.Maximum, 60},
		{scaling.Average, scaling.Sum, 100},
		{scaling.Average, scaling.Count, 3},
		{scaling.Minimum, scaling.Minimum, 10},
		{scaling.Maximum, scaling.Average, (30. + 20 + 60) / 3},
		{scaling.Sum, scaling.Average, (40. + 20 + 60) / 3},
		{scaling.Count, scaling.Sum, 4},
	}
	for _, tt := range tests {
		r := rule("cpu", scaling.Above, 1e9, 1)
		r.Window, r.Across, r.Over = 3*time.Minute, tt.across, tt.over
		got := scaling.Follow([]scaling.RuleSeries{{Rule: r, Readings: readings}}, scaling.RuleFleet{Min: 1, Max: 9, Desired: 1}, start)
		want := []scaling.RuleState{{Metric: "cpu", Value: tt.want, Known: true}}
		if diff := cmp.Diff(want, got.Rules); diff != "" {
			t.Errorf("%s across, %s over (-want +got):\n%s", tt.across, tt.over, diff)
		}
	}
}

// TestFollowLooksAhead scales in from 4 to 2 under each kind of metric. Only
// what an instance carries grows on fewer instances: a sum is the load
// itself, a count of instances falls.
func TestFollowLooksAhead(t *testing.T) {
	t.Parallel()
	tests := []struct {
		across, over scaling.Statistic
		limit        float64 // of the rule that adds; the value is 10, 40 or 4
		want         int
	}{
		{scaling.Average, scaling.Average, 15, 3},
		{scaling.Average, scaling.Average, 20, 2},
		{scaling.Maximum, scaling.Average, 13, 4},
		{scaling.Sum, scaling.Average, 45, 2},
		{scaling.Count, scaling.Average, 4, 2},
		{scaling.Average, scaling.Count, 1, 2},
	}
	for _, tt := range tests {
		out, in := rule("load", scaling.Above, tt.limit, 1), rule("other", scaling.Below, 1, -2)
		out.Across, out.Over = tt.across, tt.over
		series := []scaling.RuleSeries{
			{Rule: out, Readings: []scaling.Reading{{End: start, Values: []float64{10, 10, 10, 10}}}},
			steady(in, 0),
		}
		got := scaling.Follow(series, scaling.RuleFleet{Min: 1, Max: 9, Desired: 4}, start)
		if got.Desired != tt.want {
			t.Errorf("%s across, %s over, limit %v: got %d (%s), want %d", tt.across, tt.over, tt.limit, got.Desired, got.Reason, tt.want)
		}
	}
}

func TestRuleOperators(t *testing.T) {
	t.Parallel()
	for operator, want := range map[scaling.Operator]string{
		scaling.Above: "..x", scaling.AtLeast: ".xx", scaling.Below: "x..", scaling.AtMost: "xx.",
		scaling.Equal: ".x.", scaling.NotEqual: "x.x",
	} {
		got := ""
		for _, value := range []float64{49, 50, 51} {
			d := scaling.Follow([]scaling.RuleSeries{steady(rule("cpu", operator, 50, 1), value)}, scaling.RuleFleet{Max: 9, Desired: 1}, start)
			got += map[bool]string{true: "x", false: "."}[d.Rules[0].Fires]
		}
		if got != want {
			t.Errorf("%s 50 at 49, 50 and 51: got %s, want %s", operator, got, want)
		}
	}
}

func TestRuleValidate(t *testing.T) {
	t.Parallel()
	if err := rule("cpu", scaling.Above, 50, 1).Validate(); err != nil {
		t.Errorf("a whole rule: got %v, want no error", err)
	}
	err := scaling.Rule{Across: scaling.Last, Rest: -1, Window: -1}.Validate()
	if err == nil {
		t.Fatal("an empty rule: got no error")
	}
	for _, want := range []string{
		"metric is empty", `operator is ""`, `across is "last"`, `over is ""`, "period is 0s", "window is -1ns", "change is 0", "rest is -1ns",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("an empty rule: got %q, want it to name %q", err, want)
		}
	}
}
