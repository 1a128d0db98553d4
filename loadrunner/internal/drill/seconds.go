package drill

import (
	"time"

	"orchard/loadrunner/internal/record"
)

// Second is what a drill keeps of one second of load.
type Second struct {
	Second    int
	Scheduled uint64
	Failed    uint64
	Writes    uint64     // acknowledged
	Gap       record.Gap // the longest without a good answer that ended here or goes on
	WriteGap  record.Gap // the same of acknowledged writes
}

// secondOf keeps what is needed of a window, which is used again.
func secondOf(w *record.Window) Second {
	return Second{
		Second: w.Second, Scheduled: w.Scheduled, Failed: w.Failed - w.Dropped - w.Failures[record.Stopped.String()],
		Writes: writes(w.Kinds), Gap: w.LongestGap, WriteGap: w.LongestWriteGap,
	}
}

func writes(kinds map[string]record.KindCounts) uint64 {
	return kinds["create"].Answered + kinds["update"].Answered
}

// Noticed is what clients noticed from a moment on.
type Noticed struct {
	// Gap is the longest of two: failed seconds one after another, and the longest
	// time without a good answer.
	Gap time.Duration
	// WriteGap is the longest time without an acknowledged write.
	WriteGap time.Duration
	// Recovered is from the moment to the end of the last failed second or, if it is
	// later, of the last gap of a second or more. 0 when nobody noticed anything.
	Recovered time.Duration
}

// notice looks at the seconds that end after a moment, counted from the load's start.
func notice(seconds []Second, from time.Duration) Noticed {
	var n Noticed
	run := time.Duration(0)
	for _, s := range seconds {
		end := time.Duration(s.Second+1) * time.Second
		if end <= from {
			continue
		}
		if run += time.Second; s.Failed == 0 {
			run = 0
		}
		n.Gap = max(n.Gap, run)
		if s.Failed > 0 {
			n.Recovered = max(n.Recovered, end-from)
		}
		n.Gap = max(n.Gap, n.note(s.Gap, from))
		n.WriteGap = max(n.WriteGap, n.note(s.WriteGap, from))
	}
	return n
}

// note takes a gap that ended after the moment, and returns its length.
func (n *Noticed) note(g record.Gap, from time.Duration) time.Duration {
	end := g.From + g.For
	if end <= from {
		return 0
	}
	if g.For >= time.Second {
		n.Recovered = max(n.Recovered, end-from)
	}
	return g.For
}
