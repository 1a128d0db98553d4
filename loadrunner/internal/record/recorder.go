// Package record counts what becomes of requests: exactly, in bounded memory
// whatever the length of a run, and at a cost that the engine does not notice.
//
// The engine's thread alone calls the Recorder. It counts into the window of the
// current second; a window that is over goes to a goroutine that adds it to the
// totals, shows it and writes it down, and comes back to be used again. Nothing is
// kept for each request, and of past windows only what their reader keeps.
//
// Times are in histograms, never averages of percentiles: those of seconds, of
// nodes and of whole runs can be added without an error beyond the histogram's.
package record

import "time"

// Tolerance is how much later than its scheduled moment the generator may notice
// a request, before it counts as behind.
const Tolerance = 10 * time.Millisecond

// spare is how many windows there are: one that fills, the others on their way.
const spare = 3

// maxClasses bounds how many statuses and error classes have a histogram of their
// own; the statuses that come after count for Other.
const maxClasses = 24

// Other stands for the statuses beyond the first maxClasses different ones.
const Other = 999

// Recorder takes outcomes. Moments are times after the start of the run.
type Recorder struct {
	kinds   []Kind
	window  *Window
	ends    time.Duration // of the window
	free    chan *Window
	done    chan *Window
	classes map[int]*Histogram // by status, and by -1 - Failure
	raw     bool               // each request is written down too

	statuses [1000]uint64 // of the window
	fails    [failures]uint64
	byKind   []KindCounts

	length                  time.Duration
	lastGood, lastGoodWrite time.Duration
}

// NewRecorder returns a recorder of requests of the given kinds, and the windows
// as they end. Each must be given back with Return; the channel is closed by
// Finish. After length, which is when the last request is due, no gap grows.
func NewRecorder(kinds []Kind, length time.Duration) (*Recorder, <-chan *Window) {
	r := &Recorder{
		kinds: kinds, length: length, window: newWindow(), ends: time.Second,
		free: make(chan *Window, spare), done: make(chan *Window, spare),
		classes: map[int]*Histogram{}, byKind: make([]KindCounts, len(kinds)),
	}
	for range spare - 1 {
		r.free <- newWindow()
	}
	return r, r.done
}

// KeepRecords has each request written down in its window, which costs 15 bytes for
// it. It is called before the first one.
func (r *Recorder) KeepRecords() { r.raw = true }

// keep writes a request down, if that is asked for. It ended now.
func (r *Recorder) keep(class int, response, service, now time.Duration) {
	if r.raw {
		r.window.Records.add(Raw{now - response, now - service, now, class})
	}
}

// Return gives back a window that has been read.
func (r *Recorder) Return(w *Window) { r.free <- w }

// Scheduled counts a request whose moment has come, lag ago.
func (r *Recorder) Scheduled(lag time.Duration) {
	r.window.Scheduled++
	r.window.Lag.Add(lag)
	if lag > Tolerance {
		r.window.Behind++
	}
}

// Answered counts an answer: response is the time since the scheduled moment,
// service that since the sending of the attempt that was answered.
func (r *Recorder) Answered(kind, status int, response, service, now time.Duration) {
	r.window.Answered++
	r.window.Response.Add(response)
	r.window.Service.Add(service)
	r.statuses[min(status, Other)]++
	r.class(min(status, Other)).Add(response)
	r.keep(status, response, service, now)
	if !good(status) {
		r.window.Failed++
		r.byKind[kind].Failed++
		return
	}
	r.byKind[kind].Answered++
	r.window.LongestGap = r.window.LongestGap.longer(Gap{r.lastGood, now - r.lastGood})
	r.lastGood = now
	if r.kinds[kind].Write {
		r.window.LongestWriteGap = r.window.LongestWriteGap.longer(Gap{r.lastGoodWrite, now - r.lastGoodWrite})
		r.lastGoodWrite = now
	}
}

// Failed counts a request that was sent and has no answer; the times are as those of
// Answered.
func (r *Recorder) Failed(kind int, why Failure, response, service, now time.Duration) {
	r.window.Errors++
	r.window.Failed++
	r.byKind[kind].Failed++
	r.fails[why]++
	r.class(-1 - int(why)).Add(response)
	r.keep(-1-int(why), response, service, now)
}

// Late counts a request that waited for a connection as long as it may, which it has
// done for so long.
func (r *Recorder) Late(waited, now time.Duration) {
	r.window.Late++
	r.window.Failed++
	r.keep(lateClass, waited, 0, now)
}

// Dropped counts a request that was still waiting when the run was stopped.
func (r *Recorder) Dropped(waited, now time.Duration) {
	r.window.Dropped++
	r.window.Failed++
	r.keep(droppedClass, waited, 0, now)
}

// Retried counts an attempt beyond a request's first.
func (r *Recorder) Retried() { r.window.Retried++ }

func (r *Recorder) class(key int) *Histogram {
	h, ok := r.classes[key]
	if ok {
		return h
	}
	if key >= 0 && key != Other && len(r.classes) >= maxClasses {
		return r.class(Other)
	}
	h = NewHistogram()
	r.classes[key] = h
	return h
}

// Now ends the window, and those after it, whose second is over.
func (r *Recorder) Now(now time.Duration) {
	for now >= r.ends {
		r.turn()
	}
}

// turn passes the window on. It waits only where the reader is more than a second
// behind.
func (r *Recorder) turn() {
	second := r.window.Second
	r.seal(r.ends)
	r.done <- r.window
	r.window = <-r.free
	r.window.reset(second + 1)
	r.ends += time.Second
}

// seal fills in what is counted beside the window.
func (r *Recorder) seal(now time.Duration) {
	w := r.window
	now = min(now, r.length)
	w.LongestGap = w.LongestGap.longer(Gap{r.lastGood, now - r.lastGood})
	w.LongestWriteGap = w.LongestWriteGap.longer(Gap{r.lastGoodWrite, now - r.lastGoodWrite})
	for status, n := range r.statuses {
		if n > 0 {
			w.Statuses[status] = n
		}
	}
	for f, n := range r.fails {
		if n > 0 {
			w.Failures[Failure(f).String()] = n
		}
	}
	for k, n := range r.byKind {
		w.Kinds[r.kinds[k].Name] = n
	}
	clear(r.statuses[:])
	clear(r.fails[:])
	clear(r.byKind)
}

// Finish passes the last window on and closes the channel of windows.
func (r *Recorder) Finish(now time.Duration) {
	r.Now(now)
	r.seal(now)
	r.done <- r.window
	close(r.done)
}
