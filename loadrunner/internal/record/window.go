package record

import "time"

// Window is what happened within one second of a run. A request counts as scheduled
// in the second in which the generator noticed it, and for its outcome in that in
// which it ended.
type Window struct {
	Second int `json:"second"` // after the start, from 0
	Counts
	Statuses map[int]uint64        `json:"statuses,omitempty"`
	Failures map[string]uint64     `json:"failures,omitempty"`
	Kinds    map[string]KindCounts `json:"kinds,omitempty"`
	// Response is from the scheduled moment, Service from the moment of sending.
	Response *Histogram `json:"response"`
	Service  *Histogram `json:"service"`
	// Lag is how late the generator noticed requests. It is not written down.
	Lag *Histogram `json:"-"`
	// LongestGap is the longest time without a good answer that ended here, or
	// goes on at the window's end, whatever windows it began in.
	LongestGap Gap `json:"longest_gap"`
	// LongestWriteGap is the same of writes.
	LongestWriteGap Gap `json:"longest_write_gap"`
	// Records are empty where they were not asked for, and are not merged.
	Records Records `json:"records,omitzero"`
}

// Gap is a time without a good answer.
type Gap struct {
	From time.Duration `json:"from_ns"` // after the start of the run
	For  time.Duration `json:"for_ns"`
}

// longer returns the longer of two gaps.
func (g Gap) longer(o Gap) Gap {
	if o.For > g.For {
		return o
	}
	return g
}

// Merge adds the window of the same second of another node.
func (w *Window) Merge(o *Window) {
	w.Counts.Add(o.Counts)
	w.Statuses = mergeCounts(w.Statuses, o.Statuses)
	w.Failures = mergeCounts(w.Failures, o.Failures)
	w.Kinds = mergeKinds(w.Kinds, o.Kinds)
	w.Response.Merge(o.Response)
	w.Service.Merge(o.Service)
	w.LongestGap = w.LongestGap.longer(o.LongestGap)
	w.LongestWriteGap = w.LongestWriteGap.longer(o.LongestWriteGap)
}

func mergeCounts[K comparable](to, from map[K]uint64) map[K]uint64 {
	if to == nil {
		to = map[K]uint64{}
	}
	for k, n := range from {
		to[k] += n
	}
	return to
}

func mergeKinds(to, from map[string]KindCounts) map[string]KindCounts {
	if to == nil {
		to = map[string]KindCounts{}
	}
	for k, n := range from {
		sum := to[k]
		sum.Answered += n.Answered
		sum.Failed += n.Failed
		to[k] = sum
	}
	return to
}

func newWindow() *Window {
	return &Window{
		Statuses: map[int]uint64{}, Failures: map[string]uint64{}, Kinds: map[string]KindCounts{},
		Response: NewHistogram(), Service: NewHistogram(), Lag: NewHistogram(),
	}
}

// reset makes the window that of another second.
func (w *Window) reset(second int) {
	clear(w.Statuses)
	clear(w.Failures)
	clear(w.Kinds)
	w.Response.Reset()
	w.Service.Reset()
	w.Lag.Reset()
	w.Records.reset()
	*w = Window{
		Second: second, Statuses: w.Statuses, Failures: w.Failures, Kinds: w.Kinds,
		Response: w.Response, Service: w.Service, Lag: w.Lag, Records: w.Records,
	}
}
