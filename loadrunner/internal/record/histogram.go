package record

import (
	"fmt"
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Longest is the longest time that a histogram tells apart; longer ones count as
// this.
const Longest = 10 * time.Minute

// Histogram holds times in whole microseconds, each within 0.1 % of those (3
// significant digits), in 170 kB whatever their number. As JSON it is HdrHistogram's
// compressed V2 form in base64, which the tools of that project read too.
type Histogram struct{ h *hdrhistogram.Histogram }

// NewHistogram returns an empty histogram.
func NewHistogram() *Histogram {
	return &Histogram{hdrhistogram.New(1, Longest.Microseconds(), 3)}
}

// Add records a time, which is not below 0.
func (h *Histogram) Add(d time.Duration) {
	// Within the bounds it cannot fail.
	_ = h.h.RecordValue(min(max(d, 0), Longest).Microseconds())
}

// Merge adds the times of another histogram.
func (h *Histogram) Merge(o *Histogram) { h.h.Merge(o.h) }

// Count returns how many times were recorded.
func (h *Histogram) Count() uint64 { return uint64(h.h.TotalCount()) }

// Quantile returns the shortest of the times that the share q (0 to 1) of all does not
// exceed: of n sorted times that at rank ⌈q·n⌉, from 1.
func (h *Histogram) Quantile(q float64) time.Duration {
	n := float64(h.h.TotalCount())
	if n == 0 {
		return 0
	}
	rank := math.Ceil(q*n - 1e-6) // what is a whole number may have come out above it
	return time.Duration(h.h.ValueAtPercentile(100*rank/n)) * time.Microsecond
}

// Max returns the longest time.
func (h *Histogram) Max() time.Duration { return time.Duration(h.h.Max()) * time.Microsecond }

// Mean returns the average time.
func (h *Histogram) Mean() time.Duration {
	return time.Duration(h.h.Mean() * float64(time.Microsecond))
}

// Bar is how many times lie in (From, To].
type Bar struct {
	From, To time.Duration
	Count    uint64
}

// Bars returns the histogram in bars whose ends grow by a quarter of a power of
// ten, empty ones at both ends left out.
func (h *Histogram) Bars() []Bar {
	var bars []Bar
	for _, b := range h.h.Distribution() {
		if b.Count == 0 {
			continue
		}
		at := time.Duration(b.To) * time.Microsecond
		for len(bars) == 0 || bars[len(bars)-1].To < at {
			bars = append(bars, next(bars, at))
		}
		bars[len(bars)-1].Count += uint64(b.Count)
	}
	return bars
}

// ends are the upper ends of the bars within a power of ten.
var ends = []float64{1, 1.78, 3.16, 5.62}

// next returns the bar after the last one, or the first, the one that holds at.
func next(bars []Bar, at time.Duration) Bar {
	previous := time.Duration(0)
	for power := time.Microsecond; ; power *= 10 {
		for _, e := range ends {
			end := time.Duration(e * float64(power))
			if (len(bars) == 0 && end >= at) || (len(bars) > 0 && end > bars[len(bars)-1].To) {
				return Bar{From: previous, To: end}
			}
			previous = end
		}
	}
}

// Reset makes the histogram empty.
func (h *Histogram) Reset() { h.h.Reset() }

// MarshalText writes the histogram for JSON.
func (h *Histogram) MarshalText() ([]byte, error) {
	b, err := h.h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return nil, fmt.Errorf("encode histogram: %w", err)
	}
	return b, nil
}

// UnmarshalText reads what MarshalText wrote.
func (h *Histogram) UnmarshalText(text []byte) error {
	decoded, err := hdrhistogram.Decode(text)
	if err != nil {
		return fmt.Errorf("decode histogram: %w", err)
	}
	h.h = decoded
	return nil
}
