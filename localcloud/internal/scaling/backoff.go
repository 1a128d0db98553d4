package scaling

import "time"

// Backoff is how long launches rest after failures. The clouds do not
// document theirs; the numbers are the caller's choice.
type Backoff struct {
	First time.Duration // after the first failure
	Max   time.Duration // bound of the doubling
}

// Until is when the next launch may be made after the given failures, which
// are in order of time: First after the first one, twice that after each
// further one, at most Max. Failures during a rest belong to launches that
// were made before it and do not lengthen it. Without failures it is the
// zero time.
func (b Backoff) Until(failures []time.Time) time.Time {
	var until time.Time
	rest := b.First
	for _, at := range failures {
		if at.Before(until) {
			continue
		}
		if !until.IsZero() {
			rest = min(2*rest, b.Max)
		}
		until = at.Add(min(rest, b.Max))
	}
	return until
}
