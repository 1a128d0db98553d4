package results

import (
	"time"

	"orchard/loadrunner/internal/record"
)

// Times are percentiles of a document's histograms, which only the tools of HdrHistogram
// read.
type Times struct {
	Response Percentiles `json:"response"`
	Service  Percentiles `json:"service"`
}

// Percentiles are those of a histogram, in ns and as exact as it is.
type Percentiles struct {
	P50  time.Duration `json:"p50_ns"`
	P90  time.Duration `json:"p90_ns"`
	P99  time.Duration `json:"p99_ns"`
	P999 time.Duration `json:"p99.9_ns"`
	Max  time.Duration `json:"max_ns"`
}

func percentiles(h *record.Histogram) Percentiles {
	return Percentiles{h.Quantile(0.50), h.Quantile(0.90), h.Quantile(0.99), h.Quantile(0.999), h.Max()}
}
