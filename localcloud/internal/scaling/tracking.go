package scaling

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// The shape of the two alarms of a target tracking policy, as observed on
// AWS (the numbers are not in its reference): the metric above the target
// for 3 periods of 60 s scales out, below a part of the target for 15
// periods scales in. The part is 0.7 for a group's CPU and 0.9 for counts.
const (
	DefaultPeriod     = time.Minute
	DefaultOutPeriods = 3
	DefaultInPeriods  = 15
	LowRatioCPU       = 0.7
	LowRatioCount     = 0.9
)

// Policy is one target tracking policy.
type Policy struct {
	Name   string
	Metric string  // for the reason only
	Target float64 // greater than 0
	// Period is the length of one sample: DefaultPeriod, divided by the
	// caller's time scale.
	Period time.Duration
	// OutPeriods and InPeriods are how many periods in a row decide.
	OutPeriods, InPeriods int
	// LowRatio of the target is what the metric must stay under to scale in.
	LowRatio       float64
	DisableScaleIn bool
	// MissingIsZero is for metrics that a cloud reports as 0 when nothing
	// happened (requests per target).
	MissingIsZero bool
}

// Sample is a metric over one period.
type Sample struct {
	End   time.Time // of the period
	Value float64   // average of an instance
	// Instances is how many instances the value was taken from, without
	// those that were warming up. Value × Instances is the load.
	Instances int
}

// Series is a policy with its latest samples, in any order.
type Series struct {
	Policy  Policy
	Samples []Sample
}

// Fleet is the group that the policies act on.
type Fleet struct {
	Min, Max int
	Desired  int // the current capacity: instances that warm up count
	Warming  int // instances in service that still warm up, or boot
}

// Decision is what the policies want.
type Decision struct {
	Desired int    // within Min and Max
	Policy  string // whose want it is; empty when nothing changes
	Reason  string // empty when nothing changes
	Alarms  []Alarm
}

// Alarm is the state of one policy's two alarms.
type Alarm struct {
	Policy    string
	High, Low AlarmState
}

// AlarmState is the state of an alarm.
type AlarmState string

// The states of an alarm.
const (
	OK       AlarmState = "ok"
	Breached AlarmState = "alarm"
	NoData   AlarmState = "insufficient-data" // a period without a sample: no action
)

// Track says how many instances the policies want.
//
// A policy wants the count that would bring the metric of its latest period
// to the target, rounded up: an excess of 1.5 instances adds 2, a surplus of
// 1.5 removes 1. It scales out when its high alarm is breached and in when
// its low alarm is. The group follows the largest want of any policy that
// scales out; it scales in only if every policy that may scale in agrees, no
// instance is warming up, and then to the largest of their wants. Instances
// that warm up are in the desired count and not in the metric, so load that
// they will take is not answered twice.
//
// Source: Amazon EC2 Auto Scaling, target tracking scaling policies. The
// formula itself is not published: ceil(load / target) is the one that fits
// the documented rounding.
func Track(series []Series, f Fleet, now time.Time) Decision {
	d := Decision{Desired: max(f.Min, min(f.Desired, f.Max))}
	var out, in []want
	inVoters := 0
	for _, s := range series {
		s.Samples = window(s, now)
		alarm := s.alarm()
		d.Alarms = append(d.Alarms, alarm)
		if !s.Policy.DisableScaleIn {
			inVoters++
		}
		switch {
		case alarm.High == Breached:
			out = append(out, s.want())
		case alarm.Low == Breached && !s.Policy.DisableScaleIn:
			in = append(in, s.want())
		}
	}
	switch {
	case len(out) > 0:
		d.follow(out, f, func(n int) bool { return n > d.Desired })
	case len(in) > 0 && len(in) == inVoters && f.Warming == 0:
		d.follow(in, f, func(n int) bool { return n < d.Desired })
	}
	return d
}

// want is the count that a policy asks for.
type want struct {
	policy Policy
	sample Sample
	count  int
}

// follow takes the largest want, if it goes the right way.
func (d *Decision) follow(wants []want, f Fleet, rightWay func(int) bool) {
	w := slices.MaxFunc(wants, func(a, b want) int { return a.count - b.count })
	count := max(f.Min, min(w.count, f.Max))
	if !rightWay(count) {
		return
	}
	d.Reason = fmt.Sprintf("%s %.6g at %d instances, target %.6g: desired %d to %d",
		w.policy.Metric, w.sample.Value, w.sample.Instances, w.policy.Target, d.Desired, count)
	d.Policy, d.Desired = w.policy.Name, count
}

func (s Series) want() want {
	latest := s.Samples[0]
	load := latest.Value * float64(latest.Instances)
	const slack = 1e-9 // 6 × 50 / 50 is 6, whatever the floating point says
	return want{s.Policy, latest, int(math.Ceil(load/s.Policy.Target - slack))}
}

func (s Series) alarm() Alarm {
	p := s.Policy
	return Alarm{
		Policy: p.Name,
		High:   evaluate(s.Samples, p.OutPeriods, func(v float64) bool { return v > p.Target }),
		Low:    evaluate(s.Samples, p.InPeriods, func(v float64) bool { return v < p.LowRatio*p.Target }),
	}
}

// evaluate judges the first n samples of a window.
func evaluate(samples []Sample, n int, breaches func(float64) bool) AlarmState {
	state := Breached
	for _, s := range samples[:n] {
		switch {
		case s.Instances == noSample:
			state = NoData
		case !breaches(s.Value):
			return OK
		}
	}
	return state
}

// noSample stands in Sample.Instances for a period without a sample.
const noSample = -1

// window is one sample for each of the latest periods, the latest first.
// The latest period is the one that ended within the period before now.
func window(s Series, now time.Time) []Sample {
	p := s.Policy
	w := make([]Sample, max(p.OutPeriods, p.InPeriods, 1))
	for i := range w {
		w[i].Instances = noSample
		if p.MissingIsZero {
			w[i].Instances = 0
		}
	}
	for _, sample := range s.Samples {
		age := now.Sub(sample.End)
		if at := int(age / p.Period); age >= 0 && at < len(w) {
			w[at] = sample
		}
	}
	return w
}
