package health_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/health"
)

func TestRepair(t *testing.T) {
	t.Parallel()
	limits := health.Limits{Share: 5, Tries: 3}
	tests := []struct {
		name                             string
		limits                           health.Limits
		waiting, underWay, total, inARow int
		want                             int
		suspended                        bool
	}{
		{"one at a time in a small group", limits, 3, 0, 3, 0, 1, false},
		{"19 instances: one", limits, 5, 0, 19, 0, 1, false},
		{"20 instances: 5 % is one", limits, 5, 0, 20, 0, 1, false},
		{"39 instances: still one", limits, 5, 0, 39, 0, 1, false},
		{"40 instances: two", limits, 5, 0, 40, 0, 2, false},
		{"100 instances: five", limits, 30, 0, 100, 0, 5, false},
		{"fewer wait than may", limits, 2, 0, 100, 0, 2, false},
		{"one is under way", limits, 2, 1, 3, 0, 0, false},
		{"some are under way", limits, 30, 3, 100, 0, 2, false},
		{"more are under way than may be", limits, 30, 9, 100, 0, 0, false},
		{"nothing to do", limits, 0, 0, 3, 0, 0, false},
		{"two did not help", limits, 1, 0, 3, 2, 1, false},
		{"three did not: suspended", limits, 1, 0, 3, 3, 0, true},
		{"suspended although nothing waits", limits, 0, 0, 3, 4, 0, true},
		{"never suspended", health.Limits{Share: 5}, 1, 0, 3, 99, 1, false},
		{"no share is one", health.Limits{}, 3, 0, 100, 0, 1, false},
	}
	for _, tt := range tests {
		var candidates []health.Candidate
		for i := range tt.waiting {
			candidates = append(candidates, health.Candidate{ID: fmt.Sprint(i), Since: start})
		}
		ids, suspended := health.Repair(tt.limits, candidates, tt.underWay, tt.total, tt.inARow)
		if len(ids) != tt.want || suspended != tt.suspended {
			t.Errorf("%s: got %d, suspended %v, want %d, %v", tt.name, len(ids), suspended, tt.want, tt.suspended)
		}
	}
}

func TestRepairTakesTheLongestWaiting(t *testing.T) {
	t.Parallel()
	candidates := []health.Candidate{
		{"d", start.Add(time.Minute)}, {"c", start.Add(time.Second)}, {"b", start.Add(time.Second)}, {"a", start.Add(time.Hour)},
	}
	ids, _ := health.Repair(health.Limits{Share: 5}, candidates, 0, 60, 0)
	if got := strings.Join(ids, " "); got != "b c d" {
		t.Errorf("three of four: got %q, want b c d", got)
	}
	if candidates[0].ID != "d" {
		t.Error("the caller's candidates were sorted in place")
	}
}
