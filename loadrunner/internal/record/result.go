package record

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Result is what a run, or the runs of many nodes together, came to.
type Result struct {
	Target  string    `json:"target"`
	Node    string    `json:"node"` // empty for several
	Nodes   int       `json:"nodes"`
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"` // from the start to the last outcome
	Planned float64   `json:"planned_seconds"`
	Loop    string    `json:"loop"` // open or closed

	Counts
	Statuses map[int]uint64        `json:"statuses"`
	Failures map[string]uint64     `json:"failures"`
	Kinds    map[string]KindCounts `json:"kinds"`

	// Response is from the scheduled moment and Service from the moment of sending,
	// of all answers. Lag is how late the generator noticed requests.
	Response *Histogram `json:"response"`
	Service  *Histogram `json:"service"`
	Lag      *Histogram `json:"lag"`
	// Classes are the response times by status, and by error the time until it.
	Classes map[string]*Histogram `json:"classes"`

	LongestGap      Gap `json:"longest_gap"`
	LongestWriteGap Gap `json:"longest_write_gap"`

	// Bound is the share of requests that the generator may notice late (Behind); with
	// more, 0 to 1, the run is broken.
	Bound float64 `json:"behind_bound"`
	// Broken says why the run says nothing of the target; empty where it does.
	Broken string `json:"broken,omitempty"`
}

// NewResult returns the result of nothing.
func NewResult() *Result {
	return &Result{
		Statuses: map[int]uint64{}, Failures: map[string]uint64{}, Kinds: map[string]KindCounts{},
		Response: NewHistogram(), Service: NewHistogram(), Lag: NewHistogram(), Classes: map[string]*Histogram{},
	}
}

// AddWindow adds a second of a run.
func (r *Result) AddWindow(w *Window) {
	r.Counts.Add(w.Counts)
	r.Statuses = mergeCounts(r.Statuses, w.Statuses)
	r.Failures = mergeCounts(r.Failures, w.Failures)
	r.Kinds = mergeKinds(r.Kinds, w.Kinds)
	r.Response.Merge(w.Response)
	r.Service.Merge(w.Service)
	r.Lag.Merge(w.Lag)
	r.LongestGap = r.LongestGap.longer(w.LongestGap)
	r.LongestWriteGap = r.LongestWriteGap.longer(w.LongestWriteGap)
}

// AddClasses adds what the recorder keeps for the whole run. The run must be over.
func (r *Result) AddClasses(rec *Recorder) {
	for key, h := range rec.classes {
		r.Classes[className(key)] = h
	}
}

func className(key int) string {
	switch {
	case key < 0:
		return Failure(-1 - key).String()
	case key == Other:
		return "other"
	}
	return strconv.Itoa(key)
}

// Merge adds the result of another node.
func (r *Result) Merge(o *Result) {
	r.Counts.Add(o.Counts)
	r.Statuses = mergeCounts(r.Statuses, o.Statuses)
	r.Failures = mergeCounts(r.Failures, o.Failures)
	r.Kinds = mergeKinds(r.Kinds, o.Kinds)
	r.Response.Merge(o.Response)
	r.Service.Merge(o.Service)
	r.Lag.Merge(o.Lag)
	for class, h := range o.Classes {
		if r.Classes[class] == nil {
			r.Classes[class] = NewHistogram()
		}
		r.Classes[class].Merge(h)
	}
	r.LongestGap = r.LongestGap.longer(o.LongestGap)
	r.LongestWriteGap = r.LongestWriteGap.longer(o.LongestWriteGap)
	r.Nodes += o.Nodes
	r.Bound = max(r.Bound, o.Bound)
}

// Judge says whether the run is broken: not by the target, but by the generator.
func (r *Result) Judge() {
	switch behind := r.share(r.Behind); {
	case r.Missing() != 0:
		r.Broken = fmt.Sprintf("%d requests have no outcome", r.Missing())
	case r.Scheduled == 0:
		r.Broken = "no request was due"
	case behind > r.Bound:
		r.Broken = fmt.Sprintf("the generator noticed %.1f %% of the requests more than %v late; the bound is %.3g %%: "+
			"it needs more processor time, or a lower rate", 100*behind, Tolerance, 100*r.Bound)
	default:
		r.Broken = ""
	}
}

func (r *Result) share(n uint64) float64 {
	if r.Scheduled == 0 {
		return 0
	}
	return float64(n) / float64(r.Scheduled)
}

// Rate returns how many answers there were in a second, of those in which requests
// were due.
func (r *Result) Rate() float64 {
	if r.Planned == 0 || r.Seconds == 0 {
		return 0
	}
	return float64(r.Answered) / min(r.Planned, r.Seconds)
}

// FailedShare returns the share of scheduled requests that failed, 0 to 1.
func (r *Result) FailedShare() float64 { return r.share(r.Failed) }

// ClassNames returns the names of the classes in order: statuses, then errors.
func (r *Result) ClassNames() []string {
	var names []string
	for name := range r.Classes {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
