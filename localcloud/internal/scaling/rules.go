package scaling

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Rule changes the number of instances by a fixed count when a metric passes
// a threshold: one that adds instances scales out, one that removes them
// scales in.
type Rule struct {
	Metric    string // rules of the same name look at the same metric
	Operator  Operator
	Threshold float64       // in the metric's unit
	Period    time.Duration // of one reading
	Window    time.Duration // that is looked at, at least one period
	Across    Statistic     // how the instances of a period are combined
	Over      Statistic     // how the periods of the window are combined
	Change    int           // instances added (above 0) or removed (below 0)
	Rest      time.Duration // from the change, in which no rule is followed
}

// Operator stands between a metric and a threshold.
type Operator string

// The operators.
const (
	Above    Operator = ">"
	AtLeast  Operator = ">="
	Below    Operator = "<"
	AtMost   Operator = "<="
	Equal    Operator = "=="
	NotEqual Operator = "!="
)

// Statistic combines several values to one.
type Statistic string

// The statistics. Last combines periods only.
const (
	Average Statistic = "average"
	Minimum Statistic = "min"
	Maximum Statistic = "max"
	Sum     Statistic = "sum"
	Count   Statistic = "count"
	Last    Statistic = "last"
)

var (
	operators  = []Operator{Above, AtLeast, Below, AtMost, Equal, NotEqual}
	acrossKind = []Statistic{Average, Minimum, Maximum, Sum, Count}
	overKind   = append(slices.Clone(acrossKind), Last)
)

// Validate reports everything in the rule that cannot be followed.
func (r Rule) Validate() error {
	var errs []error
	refuse := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	refuse(r.Metric == "", "metric is empty: name one")
	refuse(!slices.Contains(operators, r.Operator), "operator is %q: it must be one of %q", r.Operator, operators)
	refuse(!slices.Contains(acrossKind, r.Across), "across is %q: it must be one of %q", r.Across, acrossKind)
	refuse(!slices.Contains(overKind, r.Over), "over is %q: it must be one of %q", r.Over, overKind)
	refuse(r.Period <= 0, "period is %s: it must be positive", r.Period)
	refuse(r.Window < r.Period, "window is %s: it must be at least the period, %s", r.Window, r.Period)
	refuse(r.Change == 0, "change is 0: it must add or remove instances")
	refuse(r.Rest < 0, "rest is %s: it must not be negative", r.Rest)
	return errors.Join(errs...)
}

// fires says whether the value passes the threshold.
func (r Rule) fires(value float64) bool {
	switch r.Operator {
	case Above:
		return value > r.Threshold
	case AtLeast:
		return value >= r.Threshold
	case Below:
		return value < r.Threshold
	case AtMost:
		return value <= r.Threshold
	case Equal:
		return value == r.Threshold
	default:
		return value != r.Threshold
	}
}

// projected is what the value would be if the same load fell on another
// number of instances. A sum over instances is the load itself and stays;
// a count of them follows their number; a count of periods knows nothing of
// either.
func (r Rule) projected(value float64, from, to int) float64 {
	switch {
	case r.Over == Count || r.Across == Sum:
		return value
	case r.Across == Count:
		return value * float64(to) / float64(from)
	case to == 0:
		return 0 // nobody is left to carry any load
	default:
		return value * float64(from) / float64(to)
	}
}

// Reading is what the instances of a group showed in one period.
type Reading struct {
	End    time.Time // of the period
	Values []float64 // one of each instance that reported
}

// RuleSeries is a rule with its latest readings, in any order.
type RuleSeries struct {
	Rule     Rule
	Readings []Reading
}

// value combines the readings of the window that ends now. There is none if
// no instance reported in it.
func (s RuleSeries) value(now time.Time) (value float64, known bool) {
	inWindow := make([]Reading, 0, len(s.Readings))
	for _, r := range s.Readings {
		if age := now.Sub(r.End); age >= 0 && age < s.Rule.Window && len(r.Values) > 0 {
			inWindow = append(inWindow, r)
		}
	}
	if len(inWindow) == 0 {
		return 0, false
	}
	slices.SortFunc(inWindow, func(a, b Reading) int { return a.End.Compare(b.End) })
	periods := make([]float64, len(inWindow))
	for i, r := range inWindow {
		periods[i] = combine(r.Values, s.Rule.Across)
	}
	return combine(periods, s.Rule.Over), true
}

// combine needs at least one value.
func combine(values []float64, by Statistic) float64 {
	switch by {
	case Minimum:
		return slices.Min(values)
	case Maximum:
		return slices.Max(values)
	case Count:
		return float64(len(values))
	case Last:
		return values[len(values)-1]
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	if by == Average {
		return sum / float64(len(values))
	}
	return sum
}
