// Package pace says when the requests of an open loop are due. It is arithmetic
// alone: it knows no clock, sends nothing and never waits for an answer.
//
// A schedule is a row of segments, in each of which the rate goes in a straight
// line from one value to another:
//
//	rate
//	 │            ╭─╮            constant  From = To
//	 │           ╱  │            ramp      From ≠ To
//	 │   ╭──────╯   │            step      constants one after the other
//	 │  ╱           ╰────────    spike     base, peak, base
//	 │ ╱
//	 └──────────────────────▶ t
//
// What is under the line up to t is how many requests are due by then. Within a
// segment of length T from a to b, x after its start, that is
//
//	N(x) = a·x + (b − a)·x² / 2T
//
// and request k is due at the x where N(x) = k, the first one at 0:
//
//	x(k) = 2k / (a + √(a² + 2k·(b − a)/T))
//
// which is k/a where a = b, and does not lose its digits where a and b are near
// each other, as the schoolbook form of the solution does.
package pace

import (
	"fmt"
	"math"
	"time"
)

// Segment is a part of a schedule. Rates are requests/s, at least 0.
type Segment struct {
	From, To float64
	For      time.Duration
}

// Schedule is a row of segments, made by New.
type Schedule struct {
	parts  []part
	length time.Duration
	count  uint64
}

// part is a segment with what lies before it.
type part struct {
	from, to, seconds float64
	begins            float64 // s after the start of the schedule
	before            float64 // requests due before it
	until             float64 // requests due by its end
}

// MaxRate is the highest rate that a segment may have, in requests/s.
const MaxRate = 1e6

// New joins segments to a schedule. A rate that is negative, not a number or
// above MaxRate, or a length that is not positive, is an error.
func New(segments ...Segment) (*Schedule, error) {
	s := &Schedule{}
	due, begins := 0.0, 0.0
	for i, g := range segments {
		if !valid(g.From) || !valid(g.To) {
			return nil, fmt.Errorf("segment %d: a rate is 0 to %.0f requests/s, not %v to %v", i+1, MaxRate, g.From, g.To)
		}
		if g.For <= 0 {
			return nil, fmt.Errorf("segment %d: it lasts %v, and must last longer than nothing", i+1, g.For)
		}
		p := part{from: g.From, to: g.To, seconds: g.For.Seconds(), begins: begins, before: due}
		p.until = due + (g.From+g.To)/2*p.seconds
		s.parts = append(s.parts, p)
		due, begins = p.until, begins+p.seconds
		s.length += g.For
	}
	s.count = uint64(math.Ceil(due - 1e-6))
	return s, nil
}

func valid(rate float64) bool { return rate >= 0 && rate <= MaxRate }

// Count returns how many requests the schedule has.
func (s *Schedule) Count() uint64 { return s.count }

// Length returns how long the schedule lasts.
func (s *Schedule) Length() time.Duration { return s.length }

// At returns when request k is due, counted from 0, after the start of the
// schedule. Beyond the last request it is the end of the schedule.
func (s *Schedule) At(k uint64) time.Duration {
	n := float64(k)
	for i := range s.parts {
		p := &s.parts[i]
		if n < p.until {
			return time.Duration((p.begins + p.at(n-p.before)) * float64(time.Second))
		}
	}
	return s.length
}

// at returns how many seconds after the start of the part its request n is due.
func (p *part) at(n float64) float64 {
	if n <= 0 && p.from > 0 {
		return 0
	}
	root := p.from + math.Sqrt(max(0, p.from*p.from+2*n*(p.to-p.from)/p.seconds))
	if root == 0 {
		return 0
	}
	return min(2*n/root, p.seconds)
}

// Rate returns the rate at a moment of the schedule, in requests/s.
func (s *Schedule) Rate(at time.Duration) float64 {
	t := at.Seconds()
	for _, p := range s.parts {
		if x := t - p.begins; x >= 0 && x < p.seconds {
			return p.from + (p.to-p.from)*x/p.seconds
		}
	}
	return 0
}
