package scenario

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"orchard/localcloud/internal/health"
	"orchard/localcloud/internal/scaling"
)

// faults collects what is wrong with a scenario.
type faults []error

func (f *faults) refuse(wrong bool, format string, args ...any) {
	if wrong {
		*f = append(*f, fmt.Errorf(format, args...))
	}
}

func (s *Scenario) check() error {
	var f faults
	f.refuse(s.Length < step || s.Length > 24*time.Hour, "length is %s: it must be from %s to 24h", s.Length, step)
	f.refuse(s.Topology != regional && s.Topology != zonal, "topology is %q: it must be %s or %s", s.Topology, regional, zonal)
	f.refuse(len(s.Zones) == 0, "zones: there must be one at least")
	f.refuse(s.Instance.Boot < 0 || s.Instance.Drain < 0, "instance: boot is %s, drain is %s: they must not be negative", s.Instance.Boot, s.Instance.Drain)
	f.refuse(s.Instance.Capacity <= 0, "instance: capacity is %v: it must be greater than 0", s.Instance.Capacity)
	f.refuse(s.Check.Interval < step, "check: interval is %s: it must be at least %s", s.Check.Interval, step)
	f.refuse(s.Check.Timeout < 0 || s.Check.Timeout > s.Check.Interval,
		"check: timeout is %s: it must be from 0 to the interval, %s", s.Check.Timeout, s.Check.Interval)
	if err := s.Check.thresholds().Validate(); err != nil {
		f = append(f, fmt.Errorf("check: %w", err))
	}
	s.Group.check(&f)
	s.checkScript(&f)
	for _, text := range s.Assert {
		a, err := s.parseAssertion(text)
		if err != nil {
			f = append(f, fmt.Errorf("assert %q: %w", text, err))
		}
		s.assertions = append(s.assertions, a)
	}
	return errors.Join(f...)
}

func (g Group) check(f *faults) {
	f.refuse(g.Min < 0 || g.Max < g.Min, "group: min is %d, max is %d: 0 <= min <= max", g.Min, g.Max)
	f.refuse(g.Period < step, "group: period is %s: it must be at least %s", g.Period, step)
	f.refuse(g.Look < step, "group: look is %s: it must be at least %s", g.Look, step)
	f.refuse(g.Grace < 0 || g.Warmup < 0, "group: grace is %s, warmup is %s: they must not be negative", g.Grace, g.Warmup)
	g.Maintenance.check(f, "maintenance")
	if g.Rollout != nil {
		g.Rollout.Bounds.check(f, "rollout: bounds")
	}
	f.refuse(len(g.Policies) > 0 && len(g.Rules) > 0, "group: has policies and rules: it must have one of them")
	for i, p := range g.Policies {
		f.refuse(p.Metric != cpu && p.Metric != requests, "policy %d: metric is %q: it must be %s or %s", i+1, p.Metric, cpu, requests)
		f.refuse(p.Target <= 0, "policy %d: target is %v: it must be greater than 0", i+1, p.Target)
	}
	for i, r := range g.Rules {
		f.refuse(r.Metric != cpu, "rule %d: metric is %q: it must be %s", i+1, r.Metric, cpu)
		if err := r.rule(g.Period).Validate(); err != nil {
			*f = append(*f, fmt.Errorf("rule %d: %w", i+1, err))
		}
	}
}

// check lets none be.
func (b Bounds) check(f *faults, where string) {
	wrong := b.Min < 0 || b.Min > 100 || b.Max < 100 || b.Max > 200
	f.refuse(b != Bounds{} && wrong, "%s: min is %d, max is %d: they must be 0 to 100 and 100 to 200", where, b.Min, b.Max)
}

func (s *Scenario) checkScript(f *faults) {
	f.refuse(len(s.Load) == 0 || s.Load[0].At != 0, "load: the first must be at 0s")
	for i, l := range s.Load {
		f.refuse(i > 0 && l.At <= s.Load[i-1].At, "load at %s: must come after the one before it", l.At)
		f.refuse(l.Rate < 0 || l.Rate+l.Swing < 0, "load at %s: the rate must not be negative", l.At)
		f.refuse((l.Swing != 0) != (l.Every > 0), "load at %s: swing and every belong together", l.At)
	}
	for _, e := range s.Events {
		f.refuse(e.At < 0 || e.At > s.Length, "event at %s: the scenario is %s long", e.At, s.Length)
		set := 0
		for _, zone := range []string{e.ZoneDown, e.ZoneUp, e.LaunchesFail, e.LaunchesWork, e.Kill} {
			if zone != "" {
				set++
				f.refuse(!slices.Contains(s.Zones, zone), "event at %s: zone %q is none of %q", e.At, zone, s.Zones)
			}
		}
		if e.Release != "" {
			set++
			f.refuse(e.Release != good && e.Release != bad, "event at %s: release is %q: it must be %s or %s", e.At, e.Release, good, bad)
		}
		f.refuse(set != 1, "event at %s: says %d things: it must say one", e.At, set)
	}
}

func (c Check) thresholds() health.Thresholds {
	return health.Thresholds{InitialSuccesses: 1, Healthy: c.Healthy, Unhealthy: c.Unhealthy}
}

func (p Policy) policy(period time.Duration) scaling.Policy {
	ratio := scaling.LowRatioCPU
	if p.Metric == requests {
		ratio = scaling.LowRatioCount
	}
	return scaling.Policy{
		Name: p.Metric, Metric: p.Metric, Target: p.Target, Period: period,
		OutPeriods: scaling.DefaultOutPeriods, InPeriods: scaling.DefaultInPeriods, LowRatio: ratio,
		DisableScaleIn: p.DisableScaleIn, MissingIsZero: p.Metric == requests,
	}
}

func (r Rule) rule(period time.Duration) scaling.Rule {
	return scaling.Rule{
		Metric: r.Metric, Operator: scaling.Operator(r.Operator), Threshold: r.Threshold,
		Period: period, Window: r.Window, Across: scaling.Average, Over: scaling.Average,
		Change: r.Change, Rest: r.Rest,
	}
}
