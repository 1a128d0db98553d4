package pace

import "time"

// Constant is one rate throughout.
func Constant(rate float64, length time.Duration) []Segment {
	return []Segment{{rate, rate, length}}
}

// Ramp goes from one rate to another in a straight line.
func Ramp(from, to float64, length time.Duration) []Segment {
	return []Segment{{from, to, length}}
}

// Step goes from one rate to another in equal steps of equal length, the first
// at from and the last at to. There are at least two steps.
func Step(from, to float64, steps int, length time.Duration) []Segment {
	segments := make([]Segment, steps)
	for i := range segments {
		rate := from + (to-from)*float64(i)/float64(steps-1)
		segments[i] = Segment{rate, rate, length / time.Duration(steps)}
	}
	segments[steps-1].For = length - length/time.Duration(steps)*time.Duration(steps-1)
	return segments
}

// Spike is one rate with a higher one in between: for width, beginning at at.
// at and width are positive and end before length does.
func Spike(base, peak float64, at, width, length time.Duration) []Segment {
	return []Segment{{base, base, at}, {peak, peak, width}, {base, base, length - at - width}}
}
