package drill

import (
	"testing"
	"time"

	"orchard/loadrunner/internal/record"
)

// TestAgain forgets a second in which a write failed and the generator was late, and
// keeps the next one alone.
func TestAgain(t *testing.T) {
	t.Parallel()
	l := &load{name: "before", phases: map[string]*record.Result{}}
	recorder, windows := record.NewRecorder([]record.Kind{{Name: "create", Write: true}}, 2*time.Second)
	recorder.Scheduled(2 * time.Second)
	recorder.Answered(0, 503, time.Millisecond, time.Millisecond, 500*time.Millisecond)
	recorder.Now(time.Second)
	recorder.Scheduled(0)
	recorder.Answered(0, 201, time.Millisecond, time.Millisecond, 1500*time.Millisecond)
	recorder.Finish(2 * time.Second)

	l.window(<-windows)
	if got := l.phase("before").Lag.Max(); got < time.Second {
		t.Errorf("lag of the first second: got %v, want the 2s that the generator was late", got)
	}
	l.again()
	l.window(<-windows)
	if r := l.phase("before"); r.Scheduled != 1 || r.Failed != 0 || l.acknowledged("before") != 1 {
		t.Errorf("phase: got %d requests, %d failed, %d writes acknowledged, want 1, 0 and 1", r.Scheduled, r.Failed, l.acknowledged("before"))
	}
	if got := l.kept(); len(got) != 1 || got[0].Second != 1 {
		t.Errorf("seconds: got %+v, want second 1 alone", got)
	}
	if got := l.phase("before").Lag.Max(); got != 0 {
		t.Errorf("lag: got %v, want that of second 1, which is none", got)
	}
}
