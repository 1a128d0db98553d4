package drill

import (
	"strings"
	"testing"
	"time"

	"orchard/loadrunner/internal/ledger"
	"orchard/loadrunner/internal/objective"
	"orchard/loadrunner/internal/record"
)

// recorded are seconds of 300 requests, with what failed in them; the fault is at
// the beginning of second 10.
func recorded(failed ...uint64) []Second {
	var out []Second
	for n := range 10 + len(failed) + 10 {
		s := Second{Second: n, Scheduled: 300, Writes: 120, Gap: record.Gap{From: time.Duration(n) * time.Second, For: 5 * time.Millisecond}}
		s.WriteGap = s.Gap
		if n >= 10 && n < 10+len(failed) {
			s.Failed = failed[n-10]
		}
		out = append(out, s)
	}
	return out
}

// fine is a drill of which nothing is wrong.
func fine() Seen {
	return Seen{
		Seconds: recorded(40, 20, 0), From: 10 * time.Second, Whole: 20 * time.Second, Injected: true,
		Phases: []Phase{{Name: "before", Acknowledged: 1200}, {Name: "during", Acknowledged: 1100}, {Name: "after", Acknowledged: 1000}},
		Ledger: &ledger.Verdict{Acknowledged: 3300}, Scaling: Scaling{DesiredBefore: 3, DesiredMost: 5},
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	bound := Bound{Failed: 100, Gap: 3 * time.Second, WriteGap: 3 * time.Second}
	for name, c := range map[string]struct {
		change func(*Seen)
		want   string
		reason string
	}{
		"within the bounds":           {func(*Seen) {}, Pass, ""},
		"one request too many failed": {func(s *Seen) { s.Seconds = recorded(40, 61) }, Fail, "101 requests failed"},
		"failed for too long":         {func(s *Seen) { s.Seconds = recorded(1, 1, 1, 1) }, Fail, "gap of 4s"},
		"long apart, short each":      {func(s *Seen) { s.Seconds = recorded(1, 1, 1, 0, 1, 1, 1) }, Pass, ""},
		"silent for too long": {func(s *Seen) {
			s.Seconds[14].Gap = record.Gap{From: 10 * time.Second, For: 4 * time.Second}
		}, Fail, "gap of 4s"},
		"no write for too long": {func(s *Seen) {
			s.Seconds[15].WriteGap = record.Gap{From: 11 * time.Second, For: 3100 * time.Millisecond}
		}, Fail, "no write was acknowledged for 3.1s"},
		"lost":                     {func(s *Seen) { s.Ledger.Lost = 1 }, Fail, "1 acknowledged writes are lost"},
		"doubled":                  {func(s *Seen) { s.Ledger.Doubled = 1 }, Fail, "carried out twice"},
		"never whole":              {func(s *Seen) { s.Whole = 0 }, Fail, "not whole again"},
		"did not scale":            {func(s *Seen) { s.Scaling.DesiredMost = 3 }, Fail, "did not scale out"},
		"an objective missed":      {func(s *Seen) { s.Phases[2].Objectives = []objective.Outcome{{Objective: "errors <= 0%", Value: "1%"}} }, Fail, "after: errors"},
		"the fault without effect": {func(s *Seen) { s.Injected = false }, Inconclusive, "not seen to have an effect"},
		"the generator behind":     {func(s *Seen) { s.Broken = "the generator was late" }, Inconclusive, "late"},
		"few writes before":        {func(s *Seen) { s.Phases[0].Acknowledged = 999 }, Inconclusive, "999 writes were acknowledged before"},
		"few writes after":         {func(s *Seen) { s.Phases[2].Acknowledged = 999 }, Inconclusive, "999 writes were acknowledged after"},
		"few writes during, as all failed": {func(s *Seen) {
			s.Phases[1].Acknowledged = 0
			s.Seconds = recorded(300, 300, 300, 300)
		}, Fail, "1200 requests failed"},
		"bad, and without effect": {func(s *Seen) { s.Injected, s.Whole = false, 0 }, Inconclusive, "not seen to have an effect"},
	} {
		s := fine()
		c.change(&s)
		v := Judge(File{Drill: "any", Scales: true}, "aws", bound, s)
		if v.Verdict != c.want || !strings.Contains(strings.Join(v.Reasons, "; "), c.reason) {
			t.Errorf("%s: got %s %q, want %s with %q", name, v.Verdict, v.Reasons, c.want, c.reason)
		}
	}
}

func TestNotice(t *testing.T) {
	t.Parallel()
	got := notice(recorded(5, 5, 0, 5), 10*time.Second)
	want := Noticed{Gap: 2 * time.Second, WriteGap: 5 * time.Millisecond, Recovered: 4 * time.Second}
	if got != want {
		t.Errorf("notice: got %+v, want %+v", got, want)
	}
	if got := notice(recorded(), 10*time.Second); got.Recovered != 0 {
		t.Errorf("notice of nothing: got recovered after %v, want 0", got.Recovered)
	}
}
