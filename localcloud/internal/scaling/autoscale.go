package scaling

import (
	"fmt"
	"time"
)

// RuleFleet is the group that the rules act on.
type RuleFleet struct {
	Min, Max int
	Default  int       // desired where metrics are missing and there are fewer
	Desired  int       // the current capacity: instances that boot count
	Rests    time.Time // until when no rule is followed, as the last change decided
}

// RuleDecision is what the rules want.
type RuleDecision struct {
	Desired int    // within Min and Max
	Reason  string // of a change, or of one that flapping held; empty when nothing is asked
	// Rests is until when no rule is followed. It is the fleet's own, or the
	// rest of the rule that was followed now.
	Rests time.Time
	// Flapping tells whether scaling in by what the rules say would have
	// scaled out again. Intended is the count that they asked for then.
	Flapping Flapping
	Intended int
	Rules    []RuleState // in the order of the series
}

// Flapping is what the look ahead did to a scale-in.
type Flapping string

// What may have become of it. Azure logs the two as Flapping and
// FlappingOccurred.
const (
	NoFlapping        Flapping = ""
	FlappingHeld      Flapping = "held"      // nothing was removed
	FlappingCurtailed Flapping = "curtailed" // fewer were removed
)

// RuleState is what one rule saw.
type RuleState struct {
	Metric string
	Value  float64
	Known  bool // false: no instance reported within the window
	Fires  bool
}

// Follow says how many instances threshold rules want.
//
// A count outside min and max is pulled back first, and alone. While the
// group rests no rule is followed, in either direction. Otherwise it scales
// out if any rule that adds fires, to the largest count that one asks for;
// only if none does and all rules that remove fire it scales in, to the
// largest count of theirs. Where a metric is missing it does not scale in,
// and goes to the default if it is below.
//
// Before it scales in it looks ahead: if the same load on fewer instances
// would make a rule that adds fire, it removes fewer, as many as do not, or
// none. Scaling out is never looked at so. The rest that follows a change is
// that of the rule that was followed; where several ask for the same count,
// the longest of them.
//
// The rules must be valid. Ask every 30 to 60 s, which is how often Azure's
// engine looks.
//
// Source: Azure Monitor autoscale, understand autoscale settings (evaluation
// of multiple rules, cooldown), autoscale flapping, best practices. That a
// reset to min, max or default is followed by no rest is a choice: no rule
// was followed.
func Follow(rules []RuleSeries, f RuleFleet, now time.Time) RuleDecision {
	d := RuleDecision{Desired: f.Desired, Rests: f.Rests}
	seen := look(rules, now)
	for _, s := range seen {
		d.Rules = append(d.Rules, s.RuleState)
	}
	if within := max(f.Min, min(f.Desired, f.Max)); within != f.Desired {
		d.change(within, fmt.Sprintf("min is %d, max is %d", f.Min, f.Max))
		return d
	}
	if now.Before(f.Rests) {
		return d
	}
	out, in := wanted(seen, f)
	switch {
	case out.count > f.Desired:
		d.follow(out, now)
	case missing(seen):
		if safe := min(f.Default, f.Max); safe > f.Desired {
			d.change(safe, fmt.Sprintf("a metric is missing, default is %d", f.Default))
		}
	case out.rule == nil && in.rule != nil && in.count < f.Desired:
		d.scaleIn(in, seen, now)
	}
	return d
}

// sight is a rule and what it sees.
type sight struct {
	RuleState
	rule Rule
}

func look(rules []RuleSeries, now time.Time) []sight {
	seen := make([]sight, len(rules))
	for i, s := range rules {
		value, known := s.value(now)
		seen[i] = sight{
			RuleState{Metric: s.Rule.Metric, Value: value, Known: known, Fires: known && s.Rule.fires(value)},
			s.Rule,
		}
	}
	return seen
}

func missing(seen []sight) bool {
	for _, s := range seen {
		if !s.Known {
			return true
		}
	}
	return false
}

// ask is the count that the rule leads to. Without a rule nothing is asked.
type ask struct {
	rule  *sight
	count int
}

// wanted is the largest count of the rules that add and fire, and that of
// the rules that remove if all of these fire.
func wanted(seen []sight, f RuleFleet) (out, in ask) {
	all := true
	for i := range seen {
		s := &seen[i]
		want := ask{s, max(f.Min, min(f.Desired+s.rule.Change, f.Max))}
		switch {
		case s.rule.Change > 0 && s.Fires:
			out = larger(out, want)
		case s.rule.Change < 0:
			all = all && s.Fires
			in = larger(in, want)
		}
	}
	if !all {
		in = ask{}
	}
	return out, in
}

func larger(a, b ask) ask {
	switch {
	case a.rule == nil || b.count > a.count:
		return b
	case b.count == a.count && b.rule.rule.Rest > a.rule.rule.Rest:
		return b
	}
	return a
}

// scaleIn removes as many as asked, or the most that does not flap.
func (d *RuleDecision) scaleIn(want ask, seen []sight, now time.Time) {
	from, intended := d.Desired, want.count
	again := flaps(seen, from, intended)
	if again == nil {
		d.follow(want, now)
		return
	}
	d.Intended = intended
	ahead := fmt.Sprintf("at %d %s would be %.6g and scale out again",
		intended, again.Metric, again.rule.projected(again.Value, from, intended))
	for n := intended + 1; n < from; n++ {
		if flaps(seen, from, n) == nil {
			d.Flapping, want.count = FlappingCurtailed, n
			d.follow(want, now)
			d.Reason += "; " + ahead
			return
		}
	}
	d.Flapping = FlappingHeld
	d.Reason = fmt.Sprintf("%s: desired stays %d, %s", want.rule.says(), from, ahead)
}

// flaps is the first rule that would add instances again, or nil.
func flaps(seen []sight, from, to int) *sight {
	for i := range seen {
		s := &seen[i]
		if s.rule.Change > 0 && s.rule.fires(s.rule.projected(s.Value, from, to)) {
			return s
		}
	}
	return nil
}

func (d *RuleDecision) follow(want ask, now time.Time) {
	d.change(want.count, want.rule.says())
	d.Rests = now.Add(want.rule.rule.Rest)
}

func (d *RuleDecision) change(to int, why string) {
	d.Reason = fmt.Sprintf("%s: desired %d to %d", why, d.Desired, to)
	d.Desired = to
}

func (s sight) says() string {
	return fmt.Sprintf("%s %.6g over %s is %s %.6g", s.Metric, s.Value, s.rule.Window, s.rule.Operator, s.rule.Threshold)
}
