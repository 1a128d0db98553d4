package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"orchard/localcloud/internal/world"
)

const (
	beat       = time.Second      // between two messages to a viewer
	maxViewers = 16               // streams at a time
	readTime   = 10 * time.Second // that a viewer may take to read a message
)

// message is what a viewer is told each second: what is new since the message
// before. A whole one replaces all that was told before: the first, and the one
// after the stack has come or gone.
type message struct {
	Whole   bool            `json:"whole,omitempty"`
	Report  json.RawMessage `json:"report,omitempty"` // absent when it is the one before
	Samples []world.Sample  `json:"samples,omitempty"`
	Events  []world.Event   `json:"events,omitempty"`
}

// viewer is how far one stream has told its stack.
type viewer struct {
	stack  string
	begun  bool
	up     bool // the stack was there
	report []byte
	second int64 // of the last sample
	event  int   // number of the last event
}

// stream tells a viewer of one stack until it goes, as server-sent events. A
// stack that is not up has a report and no more.
func (a *api) stream(w http.ResponseWriter, r *http.Request) {
	select {
	case a.viewers <- struct{}{}:
		defer func() { <-a.viewers }()
	default:
		http.Error(w, fmt.Sprintf("%d pages look at the console already: close one", maxViewers), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	v := viewer{stack: r.FormValue("stack")}
	next := a.next(&v)
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		if err := send(w, next); err != nil {
			a.log.Debug("a viewer of the console has gone", "error", err)
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
		}
		next = a.next(&v)
	}
}

// next is what a viewer has not been told yet.
func (a *api) next(v *viewer) message {
	var m message
	if report := a.reports.latest(time.Now()); !bytes.Equal(report, v.report) {
		m.Report, v.report = report, report
	}
	found, ok := a.source.World(v.stack)
	m.Whole = !v.begun || ok != v.up
	v.begun, v.up = true, ok
	if !ok {
		v.second, v.event = 0, 0 // another may come under its name
		return m
	}
	m.Samples, m.Events = found.History(v.second), found.Events(v.event)
	if n := len(m.Samples); n > 0 {
		v.second = m.Samples[n-1].Time
	}
	if n := len(m.Events); n > 0 {
		v.event = m.Events[n-1].Number
	}
	return m
}

func send(w http.ResponseWriter, m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	control := http.NewResponseController(w)
	if err := control.SetWriteDeadline(time.Now().Add(readTime)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "data: %s\n\n", text); err != nil {
		return err
	}
	return control.Flush()
}
