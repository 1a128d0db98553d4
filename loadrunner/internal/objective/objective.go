// Package objective holds the result of a run to what was asked of it, in sentences
// such as
//
//	p99 < 50ms        errors < 0.1%        lost == 0        rate >= 290
//
// It is pure. A result that has no value for an objective does not meet it: a run
// without writes does not show that none is lost.
package objective

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"orchard/loadrunner/internal/ledger"
	"orchard/loadrunner/internal/record"
)

// unit is what the bound of a metric is written in.
type unit int

const (
	duration unit = iota // 50ms
	share                // 0.1%
	number               // 0
)

// metric is something that can be asked for.
type metric struct {
	unit  unit
	value func(*record.Result, *ledger.Verdict) (float64, bool)
}

func response(of func(*record.Histogram) time.Duration) metric {
	return metric{duration, func(r *record.Result, _ *ledger.Verdict) (float64, bool) {
		return float64(of(r.Response)), r.Response.Count() > 0
	}}
}

func quantile(q float64) metric {
	return response(func(h *record.Histogram) time.Duration { return h.Quantile(q) })
}

func count(of func(record.Counts) uint64) metric {
	return metric{number, func(r *record.Result, _ *ledger.Verdict) (float64, bool) { return float64(of(r.Counts)), true }}
}

func written(of func(*ledger.Verdict) uint64) metric {
	return metric{number, func(_ *record.Result, v *ledger.Verdict) (float64, bool) {
		if v == nil || v.Acknowledged == 0 {
			return 0, false
		}
		return float64(of(v)), true
	}}
}

// metrics are those of the whole run. errors is the share of scheduled requests
// that failed, for whatever reason; rate counts answers in a second of the plan.
var metrics = map[string]metric{
	"p50":   quantile(0.50),
	"p90":   quantile(0.90),
	"p95":   quantile(0.95),
	"p99":   quantile(0.99),
	"p99.9": quantile(0.999),
	"max":   response((*record.Histogram).Max),
	"mean":  response((*record.Histogram).Mean),
	"gap": {duration, func(r *record.Result, _ *ledger.Verdict) (float64, bool) {
		return float64(r.LongestGap.For), true
	}},
	"errors": {share, func(r *record.Result, _ *ledger.Verdict) (float64, bool) {
		return 100 * r.FailedShare(), r.Scheduled > 0
	}},
	"rate": {number, func(r *record.Result, _ *ledger.Verdict) (float64, bool) {
		return r.Rate(), r.Planned > 0
	}},
	"failed":       count(func(c record.Counts) uint64 { return c.Failed }),
	"late":         count(func(c record.Counts) uint64 { return c.Late }),
	"dropped":      count(func(c record.Counts) uint64 { return c.Dropped }),
	"acknowledged": written(func(v *ledger.Verdict) uint64 { return v.Acknowledged }),
	"lost":         written(func(v *ledger.Verdict) uint64 { return v.Lost }),
	"doubled":      written(func(v *ledger.Verdict) uint64 { return v.Doubled }),
	"wrong":        written(func(v *ledger.Verdict) uint64 { return v.Wrong }),
}

func names() string {
	var all []string
	for name := range metrics {
		all = append(all, name)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// Objective is a bound on a metric.
type Objective struct {
	Text   string
	metric metric
	holds  func(value, bound float64) bool
	bound  float64
}

var operators = map[string]func(value, bound float64) bool{
	"<":  func(v, b float64) bool { return v < b },
	"<=": func(v, b float64) bool { return v <= b },
	">":  func(v, b float64) bool { return v > b },
	">=": func(v, b float64) bool { return v >= b },
	"==": func(v, b float64) bool { return v == b },
}

// Parse reads an objective: a metric, a comparison and a bound, with spaces between.
func Parse(text string) (Objective, error) {
	words := strings.Fields(text)
	if len(words) != 3 {
		return Objective{}, fmt.Errorf("objective %q: write it as metric, comparison and bound, such as p99 < 50ms", text)
	}
	m, ok := metrics[words[0]]
	if !ok {
		return Objective{}, fmt.Errorf("objective %q: there is no metric %s; there are %s", text, words[0], names())
	}
	holds, ok := operators[words[1]]
	if !ok {
		return Objective{}, fmt.Errorf("objective %q: compare with <, <=, >, >= or ==, not %s", text, words[1])
	}
	bound, err := m.unit.parse(words[2])
	if err != nil {
		return Objective{}, fmt.Errorf("objective %q: %w", text, err)
	}
	return Objective{strings.Join(words, " "), m, holds, bound}, nil
}

func (u unit) parse(text string) (float64, error) {
	switch u {
	case duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return 0, fmt.Errorf("the bound is a time such as 50ms or 1.5s, not %s", text)
		}
		return float64(d), nil
	case share:
		v, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
		if err != nil || !strings.HasSuffix(text, "%") {
			return 0, fmt.Errorf("the bound is a share such as 0.1%%, not %s", text)
		}
		return v, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("the bound is a number, not %s", text)
	}
	return v, nil
}

func (u unit) format(v float64) string {
	switch u {
	case duration:
		return time.Duration(v).Round(time.Microsecond).String()
	case share:
		return strconv.FormatFloat(v, 'g', 4, 64) + "%"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// Outcome is an objective beside what was measured.
type Outcome struct {
	Objective string `json:"objective"`
	Value     string `json:"value"`
	Met       bool   `json:"met"`
}

// Judge holds a result to the objective. v is nil where no write was checked.
func (o Objective) Judge(r *record.Result, v *ledger.Verdict) Outcome {
	value, ok := o.metric.value(r, v)
	if !ok {
		return Outcome{o.Text, "not measured", false}
	}
	return Outcome{o.Text, o.metric.unit.format(value), o.holds(value, o.bound)}
}
