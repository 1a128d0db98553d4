package console

import (
	"encoding/json"
	"log/slog"
	"sync"
	"time"
)

const (
	fresh    = 900 * time.Millisecond // how old a report may be to be shown again
	patience = 400 * time.Millisecond // for a new one, before the old one is shown
)

// reports asks for a report once a second, however many look, and never twice
// at a time: a database that hangs makes one late, and the rest of the page
// goes on.
type reports struct {
	ask func() Report
	log *slog.Logger

	mu     sync.Mutex
	newest []byte
	begun  time.Time
	asking chan struct{} // closed when the one under way is there; nil when none is
}

// latest is the newest report, encoded. The very first is waited for.
func (r *reports) latest(now time.Time) []byte {
	r.mu.Lock()
	if r.asking == nil && now.Sub(r.begun) >= fresh {
		r.asking, r.begun = make(chan struct{}), now
		go r.renew(r.asking)
	}
	newest, asking := r.newest, r.asking
	r.mu.Unlock()
	if asking == nil {
		return newest
	}
	var late <-chan time.Time
	if newest != nil {
		late = time.After(patience)
	}
	select {
	case <-asking:
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.newest
	case <-late:
		return newest
	}
}

func (r *reports) renew(done chan struct{}) {
	report, err := json.Marshal(r.ask())
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.newest = report
	} else {
		r.log.Error("cannot encode report", "error", err)
	}
	r.asking = nil
	close(done)
}
