package pace

import (
	"math"
	"testing"
	"time"
)

func schedule(t *testing.T, segments ...Segment) *Schedule {
	t.Helper()
	s, err := New(segments...)
	if err != nil {
		t.Fatalf("New(%v): %v", segments, err)
	}
	return s
}

func TestCountIsTheAreaUnderTheRate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		segments []Segment
		want     uint64
	}{
		{"constant", Constant(300, 30*time.Second), 9000},
		{"a rate that is no whole number", Constant(10000.0/60, time.Minute), 10000},
		{"ramp", Ramp(0, 1000, 10*time.Second), 5000},
		{"ramp down", Ramp(1000, 500, 2*time.Second), 1500},
		{"step", Step(100, 300, 3, 30*time.Second), 6000},
		{"spike", Spike(100, 1000, 10*time.Second, 5*time.Second, 30*time.Second), 7500},
		{"silence", Constant(0, time.Second), 0},
		{"a part of a request", Constant(0.5, time.Second), 1},
	}
	for _, test := range tests {
		if got := schedule(t, test.segments...).Count(); got != test.want {
			t.Errorf("%s: %d requests, want %d", test.name, got, test.want)
		}
	}
}

func TestAt(t *testing.T) {
	t.Parallel()
	spike := Spike(100, 1000, 10*time.Second, 5*time.Second, 30*time.Second)
	tests := []struct {
		name     string
		segments []Segment
		k        uint64
		want     time.Duration
	}{
		{"the first", Constant(1000, time.Second), 0, 0},
		{"constant", Constant(1000, time.Second), 250, 250 * time.Millisecond},
		{"ramp from nothing: half of the requests come in the last 0.3 of it", Ramp(0, 1000, 10*time.Second), 2500, 7071068 * time.Microsecond},
		{"ramp down", Ramp(1000, 0, 2*time.Second), 750, time.Second},
		{"spike, before", spike, 500, 5 * time.Second},
		{"spike, within", spike, 2000, 11 * time.Second},
		{"spike, after", spike, 6100, 16 * time.Second},
		{"beyond the end", Constant(10, time.Second), 10, time.Second},
		{"after silence", []Segment{{0, 0, time.Second}, {10, 10, time.Second}}, 5, 1500 * time.Millisecond},
	}
	for _, test := range tests {
		got := schedule(t, test.segments...).At(test.k)
		if d := got - test.want; d.Abs() > time.Microsecond {
			t.Errorf("%s: At(%d) = %v, want %v", test.name, test.k, got, test.want)
		}
	}
}

// TestAtFollowsTheRate holds every arrival of every shape to the area under the
// rate up to it, summed in small steps.
func TestAtFollowsTheRate(t *testing.T) {
	t.Parallel()
	shapes := map[string][]Segment{
		"ramp":  Ramp(50, 800, 4*time.Second),
		"flat":  Ramp(500, 500.0001, 4*time.Second),
		"step":  Step(300, 100, 4, 4*time.Second),
		"spike": Spike(100, 2000, time.Second, time.Second, 4*time.Second),
	}
	for name, segments := range shapes {
		s := schedule(t, segments...)
		const step = 100 * time.Microsecond
		area, at := 0.0, time.Duration(0)
		for k := range s.Count() {
			due := s.At(k)
			for at+step <= due {
				area += s.Rate(at+step/2) * step.Seconds()
				at += step
			}
			got := area + s.Rate(at)*(due-at).Seconds()
			if math.Abs(got-float64(k)) > 0.2 {
				t.Fatalf("%s: request %d is due at %v, when the area is %.2f", name, k, due, got)
			}
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, g := range []Segment{{-1, 1, time.Second}, {1, math.NaN(), time.Second}, {1, 2e6, time.Second}, {1, 1, 0}} {
		if _, err := New(g); err == nil {
			t.Errorf("New(%v) gave no error", g)
		}
	}
}
