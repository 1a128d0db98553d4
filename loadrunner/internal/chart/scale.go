// Package chart draws lines, stacked areas and bars as SVG, for pages that load
// nothing from anywhere. It is pure: the same numbers give the same text. Colors come
// from the page's style sheet, by class: s0, s1, … for series in their order.
//
// It draws what a report of a run needs and no more: time to the right, one unit
// upwards, and events as vertical lines.
package chart

import (
	"math"
	"strconv"
	"time"
)

// Unit says how the values of a chart are written.
type Unit func(float64) string

// Count writes numbers of things, large ones in thousands and millions.
func Count(v float64) string {
	switch {
	case v >= 1e6:
		return trim(v/1e6) + "M"
	case v >= 1e3:
		return trim(v/1e3) + "k"
	}
	return trim(v)
}

// Duration writes seconds as a time.
func Duration(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v < 1e-3:
		return trim(v*1e6) + " µs"
	case v < 1:
		return trim(v*1e3) + " ms"
	}
	return trim(v) + " s"
}

// trim writes three significant digits.
func trim(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }

func clock(at time.Duration) string {
	if at < time.Minute {
		return strconv.Itoa(int(at.Seconds())) + " s"
	}
	return strconv.Itoa(int(at.Minutes())) + ":" + strconv.Itoa(100 + int(at.Seconds())%60)[1:]
}

// scale maps values to heights.
type scale struct {
	log      bool
	low, top float64
	ticks    []float64
}

// linear returns a scale from 0 that holds the highest value, with round ticks.
func linear(highest float64) scale {
	if highest <= 0 {
		highest = 1
	}
	step := math.Pow(10, math.Floor(math.Log10(highest)))
	for _, part := range []float64{0.2, 0.5, 1, 2} {
		if highest/(part*step) <= 5 {
			step *= part
			break
		}
	}
	s := scale{top: math.Ceil(highest/step) * step}
	for i := 0; float64(i)*step <= s.top*1.0001; i++ {
		s.ticks = append(s.ticks, float64(i)*step)
	}
	return s
}

// logarithmic returns a scale of whole powers of ten around the values.
func logarithmic(lowest, highest float64) scale {
	if highest <= 0 {
		lowest, highest = 1, 1
	}
	low, top := math.Floor(math.Log10(lowest)), math.Ceil(math.Log10(highest))
	if low == top {
		top++
	}
	s := scale{log: true, low: low, top: top}
	for p := low; p <= top; p++ {
		s.ticks = append(s.ticks, math.Pow(10, p))
	}
	return s
}

// share returns how high a value is, 0 to 1.
func (s scale) share(v float64) float64 {
	if s.log {
		if v <= 0 {
			return 0
		}
		v = math.Log10(v)
	}
	return min(1, max(0, (v-s.low)/(s.top-s.low)))
}
