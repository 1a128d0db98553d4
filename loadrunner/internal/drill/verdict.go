package drill

import (
	"fmt"
	"time"

	"orchard/loadrunner/internal/ledger"
	"orchard/loadrunner/internal/objective"
	"orchard/loadrunner/internal/record"
)

// The verdicts.
const (
	Pass         = "pass"
	Fail         = "fail"
	Inconclusive = "inconclusive"
)

// MinAcknowledged is how many writes must be acknowledged before, during and after.
const MinAcknowledged = 1000

// Phase is a part of a drill.
type Phase struct {
	Name         string              `json:"name"` // before, during or after
	Requests     uint64              `json:"requests"`
	Failed       uint64              `json:"failed"`
	Acknowledged uint64              `json:"acknowledged"` // writes
	Objectives   []objective.Outcome `json:"objectives,omitempty"`
}

// Scaling is what was seen of the groups together.
type Scaling struct {
	DesiredBefore int `json:"desired_before"`
	DesiredMost   int `json:"desired_most"`
	HealthyLeast  int `json:"healthy_least"`
	HealthyMost   int `json:"healthy_most"`
}

// Seen is all that a verdict is about.
type Seen struct {
	Seconds []Second
	From    time.Duration // of the fault, after the load's start
	Whole   time.Duration // from the fault until the stack was whole again, 0 if it never was
	Lacks   string        // what it lacked last, if it never was
	Phases  []Phase
	Ledger  *ledger.Verdict
	Scaling Scaling
	// Injected says that every fault had an effect that could be seen.
	Injected bool
	// Broken says why the drill shows nothing: the generator, or a step that failed.
	Broken string
}

// Verdict is what a drill came to.
type Verdict struct {
	Drill   string   `json:"drill"`
	Cloud   string   `json:"cloud"`
	Verdict string   `json:"verdict"`
	Reasons []string `json:"reasons"` // why it is not pass

	Requests       uint64 `json:"requests"`
	Failed         uint64 `json:"failed"`
	LongestGap     int64  `json:"longest_gap_ms"`
	LongestNoWrite int64  `json:"longest_write_gap_ms"`
	Recovered      int64  `json:"recovered_ms"` // from the fault to the end of the last thing that clients noticed
	Whole          int64  `json:"whole_ms"`     // from the fault until the stack was whole
	Acknowledged   uint64 `json:"acknowledged"`
	Lost           uint64 `json:"lost"`
	Duplicated     uint64 `json:"duplicated"`
	Wrong          uint64 `json:"wrong"`

	Bound   Bound         `json:"bound"`
	Hits    []Hit         `json:"hits,omitempty"`
	Phases  []Phase       `json:"phases"`
	Scaling Scaling       `json:"scaling"`
	Expect  []Expectation `json:"expect,omitempty"` // what the cloud does worse by its rules
	Started time.Time     `json:"started"`
}

// Judge joins what was seen with what may be. It is pure.
func Judge(f File, cloud string, b Bound, s Seen) Verdict {
	n := notice(s.Seconds, s.From)
	v := Verdict{
		Drill: f.Drill, Cloud: cloud, Reasons: []string{}, Bound: b, Phases: s.Phases, Scaling: s.Scaling, Expect: f.Expect[cloud],
		LongestGap: n.Gap.Milliseconds(), LongestNoWrite: n.WriteGap.Milliseconds(), Recovered: n.Recovered.Milliseconds(), Whole: s.Whole.Milliseconds(),
	}
	for _, second := range s.Seconds {
		v.Requests += second.Scheduled
		v.Failed += second.Failed
	}
	if s.Ledger != nil {
		v.Acknowledged, v.Lost, v.Duplicated, v.Wrong = s.Ledger.Acknowledged, s.Ledger.Lost, s.Ledger.Doubled, s.Ledger.Wrong
	}
	unshown, few, missed := nothingShown(s), tooFew(s, "during", "after"), failures(f, b, s, n, v)
	switch {
	case len(unshown) > 0:
		v.Verdict, v.Reasons = Inconclusive, append(unshown, missed...)
	case len(missed) > 0:
		v.Verdict, v.Reasons = Fail, append(missed, few...)
	case len(few) > 0:
		v.Verdict, v.Reasons = Inconclusive, few
	default:
		v.Verdict = Pass
	}
	return v
}

// nothingShown says why the drill shows nothing, whatever the clients noticed.
func nothingShown(s Seen) (why []string) {
	if s.Broken != "" {
		why = append(why, s.Broken)
	}
	if !s.Injected {
		why = append(why, "the fault was not seen to have an effect")
	}
	return append(why, tooFew(s, "before")...)
}

// tooFew says in which phases too few writes were acknowledged. After the fault that
// shows nothing only where nothing was worse than it may be: a service that
// acknowledges no write has failed.
func tooFew(s Seen, phases ...string) (why []string) {
	for _, name := range phases {
		if got := phase(s.Phases, name).Acknowledged; got < MinAcknowledged {
			why = append(why, fmt.Sprintf("%d writes were acknowledged %s, and a verdict needs %d", got, name, MinAcknowledged))
		}
	}
	return why
}

func phase(all []Phase, name string) Phase {
	for _, p := range all {
		if p.Name == name {
			return p
		}
	}
	return Phase{Name: name}
}

// failures says what was worse than it may be.
func failures(f File, b Bound, s Seen, n Noticed, v Verdict) (why []string) {
	worse := func(is bool, format string, args ...any) {
		if is {
			why = append(why, fmt.Sprintf(format, args...))
		}
	}
	worse(v.Failed > uint64(b.Failed), "%d requests failed, and at most %d may", v.Failed, b.Failed)
	worse(n.Gap > b.Gap, "clients saw a gap of %v, and at most %v may be", n.Gap, b.Gap)
	worse(n.WriteGap > b.WriteGap, "no write was acknowledged for %v, and at most %v may be", n.WriteGap.Round(time.Millisecond), b.WriteGap)
	worse(v.Lost > 0, "%d acknowledged writes are lost", v.Lost)
	worse(v.Duplicated > 0, "%d writes were carried out twice", v.Duplicated)
	worse(v.Wrong > 0, "%d rows are wrong", v.Wrong)
	worse(s.Whole == 0, "the stack was not whole again within %v: %s", time.Duration(f.Within), s.Lacks)
	worse(f.Scales && s.Scaling.DesiredMost <= s.Scaling.DesiredBefore, "the groups did not scale out from %d instances", s.Scaling.DesiredBefore)
	for _, p := range s.Phases {
		for _, o := range p.Objectives {
			worse(!o.Met, "%s: %s is missed with %s", p.Name, o.Objective, o.Value)
		}
	}
	return why
}

// phaseOf sums a phase up and holds it to its objectives.
func phaseOf(name string, r *record.Result, l *ledger.Verdict, sentences []string) Phase {
	p := Phase{Name: name, Requests: r.Scheduled, Failed: r.Failed, Acknowledged: writes(r.Kinds)}
	for _, o := range objectives(sentences) {
		p.Objectives = append(p.Objectives, o.Judge(r, l))
	}
	return p
}
