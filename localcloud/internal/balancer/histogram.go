package balancer

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Histogram counts times by their magnitude: element i those below 2^i
// microseconds that are in no element before it. The last one counts all that
// are longer, from about a minute.
type Histogram [27]uint64

// histogram counts them while they come.
type histogram [len(Histogram{})]atomic.Uint64

func (h *histogram) add(t time.Duration) {
	h[min(bits.Len64(uint64(max(t, 0)/time.Microsecond)), len(h)-1)].Add(1)
}

func (h *histogram) read() (r Histogram) {
	for i := range h {
		r[i] = h[i].Load()
	}
	return r
}

// Quantile is a time that the share q of the counted ones, 0 to 1, do not
// exceed. It is at most twice the shortest such time, and 0 of an empty
// histogram.
func (h Histogram) Quantile(q float64) time.Duration {
	var total, below uint64
	for _, n := range h {
		total += n
	}
	for i, n := range h {
		if below += n; total > 0 && float64(below) >= q*float64(total) {
			return time.Microsecond << i
		}
	}
	return 0
}
