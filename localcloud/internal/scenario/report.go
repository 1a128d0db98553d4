package scenario

import (
	"fmt"
	"strings"
	"time"
)

// String is the run for people and golden files: a summary, the assertions,
// charts and the log.
func (r Run) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", r.Scenario.About)
	r.summary(&b)
	for _, v := range r.Verdicts {
		fmt.Fprintf(&b, "%s\n", v)
	}
	instances := []line{
		{name: "desired", symbol: '-', value: func(r Record) float64 { return float64(r.Desired) }},
		{name: "healthy", symbol: 'o', value: func(r Record) float64 { return float64(r.Healthy) }, dips: true},
	}
	if r.Records[len(r.Records)-1].New > 0 {
		instances = append(instances, line{name: "of a new release", symbol: 'n', value: func(r Record) float64 { return float64(r.New) }})
	}
	for _, c := range []string{
		chart("Requests/s", r.Records,
			line{name: "offered", symbol: '.', value: func(r Record) float64 { return r.Load }},
			line{name: "unserved", symbol: 'u', value: func(r Record) float64 { return r.Unserved }},
			line{name: "failed", symbol: 'x', value: func(r Record) float64 { return r.Failed }}),
		chart("Instances", r.Records, instances...),
		chart("CPU, per cent", r.Records, line{name: "average", symbol: 'c', value: func(r Record) float64 { return r.CPU }}),
	} {
		fmt.Fprintf(&b, "\n%s", c)
	}
	fmt.Fprintln(&b, "\nLog")
	for _, e := range r.Log {
		fmt.Fprintf(&b, "%s  %s\n", clock(e.At), e.Text)
	}
	return b.String()
}

func (r Run) summary(b *strings.Builder) {
	first, last := r.Records[0], r.Records[len(r.Records)-1]
	most := first
	var offered, unserved, failed float64
	var unservedFor, failedFor time.Duration
	for _, s := range r.Records {
		if s.Desired > most.Desired {
			most = s
		}
		offered, unserved, failed = offered+s.Load, unserved+s.Unserved, failed+s.Failed
		if s.Unserved > 0 {
			unservedFor += step
		}
		if s.Failed > 0 {
			failedFor += step
		}
	}
	fmt.Fprintf(b, "desired     %d, at most %d from %s, %d at the end\n", first.Desired, most.Desired, clock(most.At), last.Desired)
	fmt.Fprintf(b, "requests    %.0f offered, %.0f unserved in %s, %.0f failed in %s\n", offered, unserved, unservedFor, failed, failedFor)
	fmt.Fprintf(b, "flap score  %d\n", last.Flaps)
}

// String is such as "holds   desired >= 6 within 5m (6 at 0:03:00)".
func (v Verdict) String() string {
	word := map[bool]string{true: "holds ", false: "BROKEN"}[v.Holds]
	if v.Why == "" {
		return fmt.Sprintf("%s      %s", word, v.Text)
	}
	return fmt.Sprintf("%s      %s (%s)", word, v.Text, v.Why)
}

// clock is a time since the beginning as hours, minutes and seconds.
func clock(d time.Duration) string {
	s := int(d / time.Second)
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
