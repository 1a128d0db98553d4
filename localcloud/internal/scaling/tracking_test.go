package scaling_test

import (
	"testing"
	"time"

	"orchard/localcloud/internal/scaling"
)

func policy(name string, target, lowRatio float64) scaling.Policy {
	return scaling.Policy{
		Name: name, Metric: name, Target: target, LowRatio: lowRatio,
		Period: scaling.DefaultPeriod, OutPeriods: scaling.DefaultOutPeriods, InPeriods: scaling.DefaultInPeriods,
	}
}

// series ends at start; the values are one period apart, the oldest first,
// and a negative one is a missing sample.
func series(p scaling.Policy, instances int, values ...float64) scaling.Series {
	s := scaling.Series{Policy: p}
	for i, v := range values {
		if v < 0 {
			continue
		}
		end := start.Add(-time.Duration(len(values)-1-i) * p.Period)
		s.Samples = append(s.Samples, scaling.Sample{End: end, Value: v, Instances: instances})
	}
	return s
}

func repeat(v float64, n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = v
	}
	return values
}

func TestTrack(t *testing.T) {
	t.Parallel()
	cpu := policy("cpu", 50, scaling.LowRatioCPU)
	requests := policy("requests", 1000, scaling.LowRatioCount)
	zeros := requests
	zeros.MissingIsZero = true
	outOnly := cpu
	outOnly.DisableScaleIn = true
	fleet := scaling.Fleet{Min: 2, Max: 20, Desired: 10}
	of := func(desired, warming int) scaling.Fleet {
		return scaling.Fleet{Min: 2, Max: 20, Desired: desired, Warming: warming}
	}
	low, idle := repeat(20, 15), repeat(0, 15)

	tests := []struct {
		name   string
		fleet  scaling.Fleet
		series []scaling.Series
		want   int
	}{
		{"an excess of 1.5 adds 2", fleet, []scaling.Series{series(cpu, 10, 57.5, 57.5, 57.5)}, 12},
		{"a surplus of 1.5 removes 1", fleet, []scaling.Series{series(requests, 10, repeat(850, 15)...)}, 9},
		{"two periods high are not enough", fleet, []scaling.Series{series(cpu, 10, 40, 80, 80)}, 10},
		{"three are", fleet, []scaling.Series{series(cpu, 10, 40, 80, 80, 80)}, 16},
		{"at the target is not above", fleet, []scaling.Series{series(cpu, 10, 50, 50, 50)}, 10},
		{"a gap in the three", fleet, []scaling.Series{series(cpu, 10, 80, -1, 80)}, 10},
		{"the latest is missing", fleet, []scaling.Series{series(cpu, 10, 80, 80, 80, -1)}, 10},
		{"out at most to max", fleet, []scaling.Series{series(cpu, 10, 500, 500, 500)}, 20},
		{"fifteen periods low", fleet, []scaling.Series{series(cpu, 10, low...)}, 4},
		{"fourteen are not enough", fleet, []scaling.Series{series(cpu, 10, low[:14]...)}, 10},
		{"one of them above the ratio", fleet, []scaling.Series{series(cpu, 10, append([]float64{36}, low[:14]...)...)}, 10},
		{"the ratio of cpu is 0.7", fleet, []scaling.Series{series(cpu, 10, repeat(35, 15)...)}, 10},
		{"just under it", fleet, []scaling.Series{series(cpu, 10, repeat(34.9, 15)...)}, 7},
		{"the ratio of counts is 0.9", fleet, []scaling.Series{series(requests, 10, repeat(890, 15)...)}, 9},
		{"at 0.9 nothing", fleet, []scaling.Series{series(requests, 10, repeat(900, 15)...)}, 10},
		{"never under min", fleet, []scaling.Series{series(cpu, 10, idle...)}, 2},
		{"no float noise", of(6, 0), []scaling.Series{series(policy("p", 0.1, 0.9), 3, 0.2, 0.2, 0.2)}, 6},

		{"any policy out, the largest", fleet, []scaling.Series{series(cpu, 10, 60, 60, 60), series(requests, 10, 1400, 1400, 1400)}, 14},
		{"out although another is low", fleet, []scaling.Series{series(cpu, 10, low...), series(requests, 10, 1100, 1100, 1100)}, 11},
		{"in only if all agree", fleet, []scaling.Series{series(cpu, 10, low...), series(requests, 10, repeat(950, 15)...)}, 10},
		{"all agree: the largest", fleet, []scaling.Series{series(cpu, 10, low...), series(requests, 10, repeat(700, 15)...)}, 7},
		{"a policy without scale in is not asked", fleet, []scaling.Series{series(requests, 10, repeat(700, 15)...), series(outOnly, 10, 50, 50, 50)}, 7},
		{"and never scales in", fleet, []scaling.Series{series(outOnly, 10, low...)}, 10},
		{"missing data blocks scale in", fleet, []scaling.Series{series(cpu, 10, low...), series(requests, 10)}, 10},
		{"unless the metric reports zero", fleet, []scaling.Series{series(cpu, 10, low...), series(zeros, 10)}, 4},
		{"zero requests alone", fleet, []scaling.Series{series(zeros, 10)}, 2},
		{"no data at all", fleet, []scaling.Series{series(cpu, 10)}, 10},

		{"warming ones are not counted twice", of(16, 6), []scaling.Series{series(cpu, 10, 80, 80, 80)}, 16},
		{"more load while warming adds the rest", of(16, 6), []scaling.Series{series(cpu, 10, 90, 90, 90)}, 18},
		{"out never goes below what there is", of(16, 6), []scaling.Series{series(cpu, 10, 55, 55, 55)}, 16},
		{"no scale in while one warms", of(10, 1), []scaling.Series{series(cpu, 9, low...)}, 10},
		{"a change already made is not repeated", of(4, 0), []scaling.Series{series(cpu, 10, low...)}, 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := scaling.Track(tt.series, tt.fleet, start.Add(10*time.Second))
			if got.Desired != tt.want {
				t.Errorf("desired %d: got %d (%s), want %d; alarms %+v", tt.fleet.Desired, got.Desired, got.Reason, tt.want, got.Alarms)
			}
		})
	}
}

// TestTrackRounding holds the documented rounding in isolation: in a fleet
// of 10, an excess adds the next whole number, a surplus removes the last.
func TestTrackRounding(t *testing.T) {
	t.Parallel()
	p := policy("load", 100, scaling.LowRatioCount)
	for _, tt := range []struct {
		load float64 // in instances
		want int
	}{{11.5, 12}, {10.01, 11}, {8.5, 9}, {8.0, 8}, {7.99, 8}, {12, 12}} {
		f := scaling.Fleet{Max: 20, Desired: 10}
		got := scaling.Track([]scaling.Series{series(p, 10, repeat(tt.load*10, 15)...)}, f, start)
		if got.Desired != tt.want {
			t.Errorf("load of %v instances on 10: got %d, want %d", tt.load, got.Desired, tt.want)
		}
	}
}

func TestTrackTellsWhy(t *testing.T) {
	t.Parallel()
	s := []scaling.Series{
		series(policy("requests", 1000, 0.9), 3, 1500, 1500, 1500),
		series(policy("cpu", 50, 0.7), 3, repeat(20, 15)...),
		series(policy("silent", 50, 0.7), 3),
	}
	got := scaling.Track(s, scaling.Fleet{Min: 3, Max: 9, Desired: 3}, start)
	if want := "requests 1500 at 3 instances, target 1000: desired 3 to 5"; got.Reason != want || got.Policy != "requests" {
		t.Errorf("got policy %q, reason %q, want %q", got.Policy, got.Reason, want)
	}
	want := []scaling.Alarm{
		{Policy: "requests", High: scaling.Breached, Low: scaling.OK},
		{Policy: "cpu", High: scaling.OK, Low: scaling.Breached},
		{Policy: "silent", High: scaling.NoData, Low: scaling.NoData},
	}
	for i := range want {
		if got.Alarms[i] != want[i] {
			t.Errorf("alarm %d: got %+v, want %+v", i, got.Alarms[i], want[i])
		}
	}
}
