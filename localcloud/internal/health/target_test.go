package health_test

import (
	"testing"
	"time"

	"orchard/localcloud/internal/health"
)

var (
	start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	pass  = health.Result{Passed: true}
	fail  = health.Result{Reason: health.StatusMismatch, Detail: "status 503, want 200"}
)

// TestThresholds walks targets through scripts of results: "+" passes, "-"
// fails; after each the letter of the state is noted.
func TestThresholds(t *testing.T) {
	t.Parallel()
	th := func(initial, healthy, unhealthy int) health.Thresholds {
		return health.Thresholds{InitialSuccesses: initial, Healthy: healthy, Unhealthy: unhealthy}
	}
	tests := []struct {
		name   string
		th     health.Thresholds
		from   health.State
		script string
		want   string
	}{
		{"one pass after registration is enough", th(1, 5, 2), health.Initial, "+", "h"},
		{"failures before the first pass do not hinder", th(1, 5, 2), health.Initial, "-+", "ih"},
		{"never passed becomes unhealthy", th(1, 5, 2), health.Initial, "--", "iu"},
		{"then the full count is asked", th(1, 3, 2), health.Initial, "--+++", "iuuuh"},
		{"failures must be consecutive", th(1, 2, 3), health.Healthy, "--+--+---", "hhhhhhhhu"},
		{"passes must be consecutive", th(1, 3, 2), health.Unhealthy, "++-++-+++", "uuuuuuuuh"},
		{"one of each", th(1, 1, 1), health.Healthy, "-+-+", "uhuh"},
		{"initial successes as declared", th(2, 3, 2), health.Initial, "+-++", "iiih"},
		{"draining ignores results", th(1, 1, 1), health.Draining, "+-", "dd"},
		{"unused ignores results", th(1, 1, 1), health.Unused, "+-", "xx"},
		{"missing, then the full count is asked", th(1, 2, 2), health.Missing, "++--", "mhhu"},
		{"missing, then failing", th(1, 2, 2), health.Missing, "--", "mu"},
		{"initial for as long as results alternate", th(2, 2, 2), health.Initial, "-+-+-+", "iiiiii"},
	}
	letters := map[health.State]string{
		health.Initial: "i", health.Healthy: "h", health.Unhealthy: "u", health.Draining: "d", health.Unused: "x",
		health.Missing: "m",
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target := health.Target{State: tt.from, Since: start}
			got := ""
			for i, c := range tt.script {
				result := fail
				if c == '+' {
					result = pass
				}
				target = target.Observe(result, tt.th, start.Add(time.Duration(i)*time.Second))
				got += letters[target.State]
			}
			if got != tt.want {
				t.Errorf("from %s after %q: got states %q, want %q", tt.from, tt.script, got, tt.want)
			}
		})
	}
}

func TestTargetTellsReasonAndTime(t *testing.T) {
	t.Parallel()
	th := health.Thresholds{InitialSuccesses: 1, Healthy: 2, Unhealthy: 2}
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }

	target := health.Register(at(0)).Observe(fail, th, at(1))
	check(t, "initial after a failure", target, health.Target{
		State: health.Initial, Reason: health.Checking, Detail: fail.Detail, Since: at(0), Failures: 1,
	})
	target = target.Observe(pass, th, at(2))
	check(t, "first pass", target, health.Target{State: health.Healthy, Since: at(2), Passes: 1, EverHealthy: true})
	target = target.Observe(fail, th, at(3)).Observe(fail, th, at(4))
	check(t, "two failures", target, health.Target{
		State: health.Unhealthy, Reason: fail.Reason, Detail: fail.Detail, Since: at(4), Failures: 2, EverHealthy: true,
	})
	slow := health.Result{Reason: health.TimedOut, Detail: "no answer in 1s"}
	target = target.Observe(slow, th, at(5))
	if target.Reason != health.TimedOut || !target.Since.Equal(at(4)) {
		t.Errorf("a further failure: got reason %s since %s, want the latest reason and the first time", target.Reason, target.Since)
	}
	target = target.Deregister(at(6))
	if target.State != health.Draining || target.Reason != health.Deregistering || !target.Since.Equal(at(6)) {
		t.Errorf("deregistered: got %+v", target)
	}
	target = target.Release(at(7))
	if target.State != health.Unused || target.Reason != health.Deregistered || !target.Since.Equal(at(7)) {
		t.Errorf("released: got %+v", target)
	}
}

func TestAdopt(t *testing.T) {
	t.Parallel()
	th := health.Thresholds{InitialSuccesses: 1, Healthy: 2, Unhealthy: 2}
	for last, want := range map[health.State]health.State{
		health.Healthy: health.Healthy, health.Unhealthy: health.Unhealthy,
		health.Initial: health.Initial, health.Draining: health.Initial, health.Unused: health.Initial, "": health.Initial,
	} {
		if got := health.Adopt(last, start); got.State != want || got.EverHealthy != (want == health.Healthy) {
			t.Errorf("adopt %q: got %+v, want state %s", last, got, want)
		}
	}
	if got := health.Adopt(health.Unhealthy, start).Observe(pass, th, start); got.State != health.Unhealthy {
		t.Errorf("adopted unhealthy after one pass: got %s, want unhealthy until the threshold", got.State)
	}
}

func TestSilentTarget(t *testing.T) {
	t.Parallel()
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	th := health.Thresholds{InitialSuccesses: 2, Healthy: 2, Unhealthy: 2}
	target := health.Register(at(0)).Observe(pass, th, at(1)).Silent(at(2))
	check(t, "silent", target, health.Target{State: health.Missing, Reason: health.NoReport, Since: at(2)})
	target = target.Observe(pass, th, at(3)).Observe(pass, th, at(4))
	check(t, "reporting again", target, health.Target{State: health.Healthy, Since: at(4), Passes: 2, EverHealthy: true})
}

func TestThresholdsValidate(t *testing.T) {
	t.Parallel()
	if err := (health.Thresholds{InitialSuccesses: 1, Healthy: 1, Unhealthy: 1}).Validate(); err != nil {
		t.Errorf("thresholds of 1: got %v, want no error", err)
	}
	err := (health.Thresholds{}).Validate()
	want := "initial successes is 0: it must be at least 1\nhealthy threshold is 0: it must be at least 1\nunhealthy threshold is 0: it must be at least 1"
	if err == nil || err.Error() != want {
		t.Errorf("wrong thresholds: got %v, want all three named", err)
	}
}

func check(t *testing.T, what string, got, want health.Target) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}
