package world

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"orchard/localcloud/internal/scaling"
)

// scale has policies and rules move the desired counts.
func (w *World) scale(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(w.declared.Groups)) {
		g := w.declared.Groups[id]
		if _, started := w.state.Desired[id]; !started {
			continue
		}
		if len(g.Policies) > 0 && w.measuredAt(g, now) {
			w.track(g, now)
		}
		if len(g.Rules) > 0 {
			w.followRules(g, now)
		}
	}
	if w.unsaved {
		w.wake()
	}
}

// measuredAt says whether a period has ended just now: policies are looked at
// once a period.
func (w *World) measuredAt(g Group, now time.Time) bool {
	readings := w.actual.metrics.readings[g.ID]
	return len(readings) > 0 && readings[len(readings)-1].end.Equal(now)
}

func (w *World) track(g Group, now time.Time) {
	fleet := scaling.Fleet{Min: g.Min, Max: g.Max, Desired: w.state.Desired[g.ID]}
	for _, i := range w.instancesOf(g.ID) {
		if w.warming(g, i, time.Now()) {
			fleet.Warming++
		}
	}
	var series []scaling.Series
	for _, p := range g.Policies {
		series = append(series, w.series(g, p))
	}
	d := scaling.Track(series, fleet, now)
	w.actual.alarms[g.ID] = d.Alarms
	w.setDesired(g, d.Desired, d.Reason)
}

// series is a policy with what the group has shown.
func (w *World) series(g Group, p Policy) scaling.Series {
	s := scaling.Series{Policy: scaling.Policy{
		Name: p.Name, Metric: p.Metric, Target: p.Target, Period: w.Scaled(scaling.DefaultPeriod),
		OutPeriods: scaling.DefaultOutPeriods, InPeriods: scaling.DefaultInPeriods,
		LowRatio: scaling.LowRatioCPU, DisableScaleIn: p.DisableScaleIn,
	}}
	if p.Metric == MetricRequests {
		s.Policy.LowRatio, s.Policy.MissingIsZero = scaling.LowRatioCount, true
	}
	readings := w.actual.metrics.readings[g.ID]
	for _, r := range readings[max(0, len(readings)-scaling.DefaultInPeriods):] {
		sample := scaling.Sample{End: r.end, Instances: len(r.warm), Value: mean(r.warm)}
		if p.Metric == MetricRequests {
			sample.Value = r.requests
		}
		if p.Metric == MetricRequests && r.known || p.Metric == MetricCPU && len(r.warm) > 0 {
			s.Samples = append(s.Samples, sample)
		}
	}
	return s
}

func mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

func (w *World) followRules(g Group, now time.Time) {
	var series []scaling.RuleSeries
	for _, r := range g.Rules {
		series = append(series, w.ruleSeries(g, r))
	}
	d := scaling.Follow(series, scaling.RuleFleet{
		Min: g.Min, Max: g.Max, Default: g.Default, Desired: w.state.Desired[g.ID], Rests: w.state.Rests[g.ID],
	}, now)
	if held := d.Flapping == scaling.FlappingHeld; held != w.actual.flapping[g.ID] {
		w.actual.flapping[g.ID] = held
		if held {
			w.event("group", g.ID, fmt.Sprintf("group %s does not scale in, it would flap: %s", g.Name, d.Reason))
		}
	}
	w.state.Rests[g.ID] = d.Rests
	if d.Flapping != scaling.FlappingHeld {
		w.setDesired(g, d.Desired, d.Reason)
	}
}

// ruleSeries is a rule, its slow clocks divided, with what the group has shown.
func (w *World) ruleSeries(g Group, r Rule) scaling.RuleSeries {
	s := scaling.RuleSeries{Rule: scaling.Rule{
		Metric: r.Metric, Operator: scaling.Operator(r.Operator), Threshold: r.Threshold,
		Period: w.Scaled(r.Period), Window: w.Scaled(r.Window),
		Across: scaling.Statistic(r.Across), Over: scaling.Statistic(r.Over), Change: r.Change, Rest: w.Scaled(r.Rest),
	}}
	for _, reading := range w.actual.metrics.readings[g.ID] {
		s.Readings = append(s.Readings, scaling.Reading{End: reading.end, Values: reading.cpu})
	}
	return s
}

// setDesired changes how many instances a group should have. Callers hold the
// lock.
func (w *World) setDesired(g Group, n int, why string) {
	before := w.state.Desired[g.ID]
	if n == before {
		return
	}
	w.state.Desired[g.ID] = n
	w.unsaved = true
	way := "out"
	if n < before {
		way = "in"
	}
	w.event("group", g.ID, fmt.Sprintf("group %s scales %s: %s", g.Name, way, why))
}

// SetDesired asks for a number of instances from outside, as a person does.
// Group is the name of the group, or its id.
func (w *World) SetDesired(group string, n int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, g := range w.declared.Groups {
		if id != group && g.Name != group {
			continue
		}
		if n < g.Min || n > g.Max {
			return fmt.Errorf("desired %d of group %s is not between its min %d and its max %d", n, g.Name, g.Min, g.Max)
		}
		w.setDesired(g, n, fmt.Sprintf("desired set to %d from outside", n))
		if err := w.save(); err != nil {
			return err
		}
		w.wake()
		return nil
	}
	return fmt.Errorf("stack %s has no scaling group %s", w.state.Stack, group)
}
