package drill

import (
	"context"
	"sync"
	"time"

	"orchard/loadrunner/internal/plan"
	"orchard/loadrunner/internal/record"
	"orchard/loadrunner/internal/results"
	"orchard/loadrunner/internal/runner"
)

// What the load of every drill has.
const (
	connections = 60
	// patience is how long a client waits for an answer.
	patience = 10 * time.Second
	// longest bounds a drill, whatever its steps do.
	longest = 15 * time.Minute
	// settling is how long the load runs before its spike: the steady state.
	settling = 20 * time.Second
)

// load is the load of a drill while it runs.
type load struct {
	stop    context.CancelFunc
	started chan time.Time // one
	ended   chan loaded    // one

	mu      sync.Mutex
	name    string // of the phase
	phases  map[string]*record.Result
	seconds []Second
}

// loaded is what became of a load.
type loaded struct {
	document *results.Document
	err      error
}

// plan is the load as a plan. A spike comes after the steady state.
func (l Load) plan(url string) (*plan.Plan, error) {
	phases := []plan.Phase{{Shape: "constant", Rate: l.Rate, For: plan.Duration(longest)}}
	if s := l.Spike; s != nil {
		phases = []plan.Phase{{Shape: "spike", Rate: l.Rate, Peak: s.Peak, After: plan.Duration(settling), Width: s.Width, For: plan.Duration(longest)}}
	}
	return plan.File{
		Target: plan.Target{URL: url}, Phases: phases, Mix: l.Mix,
		Connections: connections, Timeout: plan.Duration(patience), ConnectionLife: l.ConnectionLife,
		Behind: "100%", // a drill has a bound of its own: see tooLate
	}.Check()
}

// startLoad sends until stop is called. The writes are read back then.
func startLoad(ctx context.Context, p *plan.Plan, o runner.Options) *load {
	ctx, stop := context.WithCancel(ctx)
	l := &load{
		stop: stop, started: make(chan time.Time, 1), ended: make(chan loaded, 1),
		name: "before", phases: map[string]*record.Result{},
	}
	o.Window = l.window
	o.Started = func(at time.Time) { l.started <- at }
	go func() {
		d, err := runner.Run(ctx, p, o)
		l.ended <- loaded{d, err}
	}()
	return l
}

// window takes a second that is over.
func (l *load) window(w *record.Window) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seconds = append(l.seconds, secondOf(w))
	if l.phases[l.name] == nil {
		l.phases[l.name] = record.NewResult()
	}
	l.phases[l.name].AddWindow(w)
}

// enter begins another phase.
func (l *load) enter(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.name = name
}

// again forgets the seconds so far: the drill begins with the next. The ledger keeps
// their writes, which must not be lost either.
func (l *load) again() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.phases)
	l.seconds = nil
}

// phase returns what the seconds of a phase came to so far.
func (l *load) phase(name string) *record.Result {
	l.mu.Lock()
	defer l.mu.Unlock()
	sum := record.NewResult()
	if r := l.phases[name]; r != nil {
		sum.Merge(r)
	}
	return sum
}

// acknowledged counts the writes of a phase.
func (l *load) acknowledged(name string) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.phases[name]; r != nil {
		return writes(r.Kinds)
	}
	return 0
}

// kept returns the seconds so far.
func (l *load) kept() []Second {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Second{}, l.seconds...)
}
