package report

import (
	"fmt"
	"io"
	"time"

	"orchard/loadrunner/internal/record"
)

// Progress shows a run while it lasts: a line that is written over where Terminal is
// set, else a plain line for each second.
type Progress struct {
	To       io.Writer
	Terminal bool
	Length   time.Duration

	failed uint64
}

// Window shows a second.
func (p *Progress) Window(w *record.Window) {
	p.failed += w.Failed
	line := fmt.Sprintf("%4d of %.0f s  due %d/s  answered %d/s  p50 %s  p99 %s  failed %d",
		w.Second+1, p.Length.Seconds(), w.Scheduled, w.Answered, round(w.Response.Quantile(0.5)), round(w.Response.Quantile(0.99)), p.failed)
	if p.Terminal {
		fmt.Fprintf(p.To, "\r%-100s", line)
		return
	}
	fmt.Fprintln(p.To, line)
}

// Finish ends the line.
func (p *Progress) Finish() {
	if p.Terminal {
		fmt.Fprint(p.To, "\r\x1b[K")
	}
}
