package scenario

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// assertion is a claim about the records of some time. It must hold in every
// one of them, or in any if it is about "within".
type assertion struct {
	text     string
	value    func(Record) float64
	compare  func(got, want float64) bool
	want     float64
	from, to time.Duration
	once     bool
}

// Verdict says whether an assertion holds.
type Verdict struct {
	Text  string
	Holds bool
	Why   string // the time at which it began to hold, or was broken
}

var (
	claim = regexp.MustCompile(`^(.+?) (>=|<=|==|>|<) (\S+) (throughout|at end|(?:at|after) \S+|from \S+ to \S+|within \S+(?: of \S+)?)$`)

	comparisons = map[string]func(got, want float64) bool{
		">=": func(got, want float64) bool { return got >= want },
		"<=": func(got, want float64) bool { return got <= want },
		"==": func(got, want float64) bool { return got == want },
		">":  func(got, want float64) bool { return got > want },
		"<":  func(got, want float64) bool { return got < want },
	}

	quantities = map[string]func(Record) float64{
		"load":              func(r Record) float64 { return r.Load },
		"desired":           func(r Record) float64 { return float64(r.Desired) },
		"in service":        func(r Record) float64 { return float64(r.InService) },
		"healthy":           func(r Record) float64 { return float64(r.Healthy) },
		"old release":       func(r Record) float64 { return float64(r.Old) },
		"new release":       func(r Record) float64 { return float64(r.New) },
		"cpu":               func(r Record) float64 { return r.CPU },
		"unserved":          func(r Record) float64 { return r.Unserved },
		"failed":            func(r Record) float64 { return r.Failed },
		"flaps":             func(r Record) float64 { return float64(r.Flaps) },
		"failed roll-outs":  func(r Record) float64 { return float64(r.FailedRollouts) },
		"suspended repairs": func(r Record) float64 { return float64(r.SuspendedRepairs) },
	}
)

// parseAssertion reads "QUANTITY OPERATOR NUMBER WHEN", where WHEN is
// "throughout", "at end", "at T", "after T" (from then on), "from T to T",
// "within D" or "within D of T" (once in that time). "desired" and "healthy"
// may be of a zone: "healthy in a".
func (s *Scenario) parseAssertion(text string) (assertion, error) {
	parts := claim.FindStringSubmatch(text)
	if parts == nil {
		return assertion{}, fmt.Errorf("must be QUANTITY OPERATOR NUMBER WHEN, such as %q or %q", "desired >= 6 within 5m of 20m", "unserved == 0 after 10m")
	}
	a := assertion{text: text, compare: comparisons[parts[2]], to: s.Length}
	var err error
	if a.value, err = s.quantity(parts[1]); err != nil {
		return assertion{}, err
	}
	if a.want, err = strconv.ParseFloat(parts[3], 64); err != nil {
		return assertion{}, fmt.Errorf("%q is not a number", parts[3])
	}
	return a.during(strings.Fields(parts[4]))
}

func (s *Scenario) quantity(name string) (func(Record) float64, error) {
	if value, known := quantities[name]; known {
		return value, nil
	}
	what, zone, _ := strings.Cut(name, " in ")
	n := slices.Index(s.Zones, zone)
	switch {
	case n >= 0 && what == "healthy":
		return func(r Record) float64 { return float64(r.HealthyIn[n]) }, nil
	case n >= 0 && what == "desired" && s.Topology == zonal:
		return func(r Record) float64 { return float64(r.DesiredIn[n]) }, nil
	}
	return nil, fmt.Errorf("there is no quantity %q", name)
}

// during sets when the assertion is about.
func (a assertion) during(when []string) (assertion, error) {
	var times []time.Duration
	for _, word := range when[1:] {
		if word == "to" || word == "of" || word == "end" {
			continue
		}
		at, err := time.ParseDuration(word)
		if err != nil || at < 0 || at > a.to {
			return a, fmt.Errorf("%q is not a time from 0s to %s", word, a.to)
		}
		times = append(times, at)
	}
	switch when[0] {
	case "within":
		a.from = append(times, 0)[1]
		a.to, a.once = a.from+times[0], true
	case "after":
		a.from = times[0]
	case "from":
		a.from, a.to = times[0], times[1]
		if a.to < a.from {
			return a, fmt.Errorf("%s to %s ends before it begins", a.from, a.to)
		}
	case "at":
		if len(times) == 0 {
			times = append(times, a.to)
		}
		a.from, a.to = times[0], times[0]
	}
	return a, nil
}

func judge(assertions []assertion, records []Record) []Verdict {
	var verdicts []Verdict
	for _, a := range assertions {
		verdicts = append(verdicts, a.judge(records))
	}
	return verdicts
}

func (a assertion) judge(records []Record) Verdict {
	v := Verdict{Text: a.text, Holds: !a.once}
	for _, r := range records {
		if r.At < a.from || r.At > a.to {
			continue
		}
		if holds := a.compare(a.value(r), a.want); holds == a.once {
			return Verdict{Text: a.text, Holds: holds, Why: fmt.Sprintf("%.4g at %s", a.value(r), clock(r.At))}
		}
	}
	if a.once {
		v.Why = "never"
	}
	return v
}
