package world

import (
	"testing"
	"time"

	"orchard/localcloud/internal/health"
)

// read gives a group readings of the latest periods, the last one at noon. A
// period is 6 s at time scale 10.
func (w *World) read(cpu, requests float64, periods int) {
	for n := range periods {
		w.actual.metrics.readings["g"] = append(w.actual.metrics.readings["g"], reading{
			end: noon.Add(-time.Duration(periods-1-n) * 6 * time.Second),
			cpu: []float64{cpu, cpu}, warm: []float64{cpu, cpu}, requests: requests, known: true,
		})
	}
}

func TestPoliciesMoveDesired(t *testing.T) {
	t.Parallel()
	policies := []Policy{{Name: "cpu", Metric: MetricCPU, Target: 50}, {Name: "requests", Metric: MetricRequests, Target: 1000}}
	for _, tt := range []struct {
		name          string
		cpu, requests float64
		periods, want int
	}{
		{"nothing to do", 45, 950, 15, 2},
		{"requests for three, for three periods", 10, 1400, 3, 3},
		{"not after two", 10, 1400, 2, 2},
		{"processors for four", 90, 100, 3, 4},
		{"both are low, for fifteen periods", 10, 100, 15, 1},
		{"not after fourteen", 10, 100, 14, 2},
		{"one alone is low", 40, 100, 15, 2},
	} {
		w := grouped(t, Group{Min: 1, Max: 6, Policies: policies}, "a4", "b4")
		w.read(tt.cpu, tt.requests, tt.periods)
		w.scale(noon)
		if got := w.state.Desired["g"]; got != tt.want {
			t.Errorf("%s: got desired %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestRulesMoveDesired(t *testing.T) {
	t.Parallel()
	rules := []Rule{
		{Metric: MetricCPU, Operator: ">", Threshold: 50, Period: time.Minute, Window: 5 * time.Minute, Across: "average", Over: "average", Change: 1, Rest: 2 * time.Minute},
		{Metric: MetricCPU, Operator: "<", Threshold: 30, Period: time.Minute, Window: 5 * time.Minute, Across: "average", Over: "average", Change: -1, Rest: 10 * time.Minute},
	}
	for _, tt := range []struct {
		name string
		cpu  float64
		want int
		rest time.Duration
	}{
		{"out", 60, 3, 12 * time.Second},
		{"in", 20, 1, time.Minute},
		{"in would flap", 28, 2, 0},
		{"neither", 40, 2, 0},
	} {
		w := grouped(t, Group{Min: 1, Max: 6, Rules: rules}, "a4", "b4")
		w.read(tt.cpu, 0, 5)
		w.scale(noon)
		if got, rest := w.state.Desired["g"], w.state.Rests["g"]; got != tt.want || tt.rest > 0 && !rest.Equal(noon.Add(tt.rest)) {
			t.Errorf("%s at %g %%: got desired %d, rest until %s, want %d, %s", tt.name, tt.cpu, got, rest, tt.want, tt.rest)
		}
	}
}

func TestSetDesired(t *testing.T) {
	t.Parallel()
	w := grouped(t, Group{Min: 2, Max: 6}, "a4", "b4")
	for _, tt := range []struct {
		group string
		n     int
		want  string
	}{
		{"app", 1, "desired 1 of group app is not between its min 2 and its max 6"},
		{"app", 7, "desired 7 of group app is not between its min 2 and its max 6"},
		{"web", 3, "stack test has no scaling group web"},
		{"app", 6, ""},
		{"g", 3, ""},
	} {
		err := w.SetDesired(tt.group, tt.n)
		if tt.want == "" && (err != nil || w.state.Desired["g"] != tt.n) || tt.want != "" && (err == nil || err.Error() != tt.want) {
			t.Errorf("desired of %s to %d: got %v, desired %d, want %q", tt.group, tt.n, err, w.state.Desired["g"], tt.want)
		}
	}
}

func TestRequestsPerTarget(t *testing.T) {
	t.Parallel()
	w := grouped(t, Group{}, "a4", "b4", "c4")
	for id, i := range w.state.Instances {
		i.Health = map[string]health.State{"p": health.Healthy}
		if id == "c4" {
			i.Health["p"] = health.Unhealthy
		}
	}
	g := Group{Pools: []string{"p"}}
	w.actual.metrics.requests = map[string]uint64{"p": 100}
	// 600 in 6 s are 6,000 a minute, on two healthy targets.
	if got, known := w.requestsPerTarget(g, map[string]uint64{"p": 700}, 6*time.Second); got != 3000 || !known {
		t.Errorf("600 requests in 6 s on two targets: got %g, %t, want 3000 a minute", got, known)
	}
	for name, counted := range map[string]map[string]uint64{"no pool": {}, "a pool that was opened anew": {"p": 50}} {
		if _, known := w.requestsPerTarget(g, counted, 6*time.Second); known {
			t.Errorf("%s: got a figure, want none", name)
		}
	}
}
