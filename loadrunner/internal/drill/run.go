package drill

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"orchard/loadrunner/internal/drill/control"
	"orchard/loadrunner/internal/record"
	"orchard/loadrunner/internal/results"
	"orchard/loadrunner/internal/runner"
)

// Options are what a drill file does not say.
type Options struct {
	Control *control.Client
	URL     string // of the service
	Token   string // for writes
	Folder  string // for the results, and what undoes them
	// Deploy is the command that rolls a release out, to which RELEASE=PATH is added,
	// and Binary the release that is up.
	Deploy   []string
	Binary   string
	Progress io.Writer
}

// course is a drill while it runs.
type course struct {
	File
	Options
	cloud   string
	journal journal
	load    *load
	began   time.Time // of the load
	before  control.World
	hits    []Hit
	seen    Seen
	events  []results.Event
}

// recovery is how long what was before a drill may take to be over: the deletion of an
// instance that does not agree to its end takes five minutes of it.
const recovery = 7 * time.Minute

// clouds are the names that people use.
var clouds = map[string]string{"aws": "aws", "azure-native": "azure"}

// Run holds a drill and writes down its verdict. The error is of this side, or says
// that ctx has ended; either way what the drill did is undone when it returns.
func Run(ctx context.Context, f File, o Options) (v Verdict, err error) {
	if err := os.MkdirAll(o.Folder, 0o755); err != nil {
		return v, fmt.Errorf("make folder for results: %w", err)
	}
	if err := Clean(ctx, o.Folder, o.Control); err != nil {
		return v, err
	}
	w, err := o.Control.World(ctx)
	if err != nil {
		return v, err
	}
	c := &course{File: f, Options: o, cloud: clouds[w.Cloud], journal: journalOf(o.Folder, w.Stack)}
	defer func() {
		err = errors.Join(err, Clean(context.WithoutCancel(ctx), o.Folder, o.Control))
	}()
	document, err := c.hold(ctx, w)
	if err != nil {
		return v, err
	}
	v = Judge(f, c.cloud, c.bound(), c.seen)
	v.Hits, v.Started = c.hits, c.began
	return v, c.write(v, document)
}

// hold carries the drill out, takes down what is seen, and returns the load's results.
func (c *course) hold(ctx context.Context, w control.World) (*results.Document, error) {
	c.say("waiting until the stack is whole")
	if lacks := c.await(ctx, recovery, func(now control.World) string { return whole(now, w, nil, nil) }); lacks != "" {
		return nil, fmt.Errorf("drill %s: the stack is not whole to begin with: %s", c.Drill, lacks)
	}
	p, err := c.Load.plan(c.URL)
	if err != nil {
		return nil, err
	}
	c.load = startLoad(context.WithoutCancel(ctx), p, runner.Options{Token: c.Token, Folder: c.base()})
	defer c.load.stop()
	select {
	case c.began = <-c.load.started:
	case l := <-c.load.ended:
		return nil, l.err
	}
	c.steps(ctx)
	c.load.stop()
	l := <-c.load.ended
	switch {
	case ctx.Err() != nil:
		return nil, errors.Join(fmt.Errorf("drill %s was stopped: %w", c.Drill, ctx.Err()), l.err)
	case l.err != nil:
		return nil, l.err
	}
	c.sum(l.document)
	return l.document, nil
}

// sum fills in what the load came to.
func (c *course) sum(d *results.Document) {
	c.seen.Seconds, c.seen.Ledger = c.load.kept(), d.Ledger
	lag := record.NewHistogram()
	for name, sentences := range map[string][]string{"before": c.Before, "during": c.During, "after": c.After} {
		r := c.load.phase(name)
		lag.Merge(r.Lag)
		c.seen.Phases = append(c.seen.Phases, phaseOf(name, r, d.Ledger, sentences))
	}
	order(c.seen.Phases)
	if c.seen.Broken == "" {
		c.seen.Broken = broken(d.Result, lag)
	}
}

// tooLate is how late the generator may notice one request in a hundred. A drill
// judges seconds, so it bears more than the measurement of response times does, whose
// bound is milliseconds; on a machine that is broken on purpose it has to.
const tooLate = 500 * time.Millisecond

// broken says why the generator, and not the stack, may be to blame. r is the
// whole load, lag how late it noticed the requests of the phases.
func broken(r *record.Result, lag *record.Histogram) string {
	switch late := lag.Quantile(0.99); {
	case r.Scheduled == 0:
		return "no request was due"
	case r.Missing() != 0:
		return fmt.Sprintf("%d requests have no outcome", r.Missing())
	case late > tooLate:
		return fmt.Sprintf("the generator noticed one request in a hundred %v late, and %v is the bound", late, tooLate)
	}
	return ""
}

// bound computes what the hits may cost.
func (c *course) bound() Bound {
	return Bounds(c.before, c.hits, c.rules(c.cloud), Sent{c.Load.Rate, connections, time.Duration(c.Load.ConnectionLife)})
}

func (c *course) say(format string, args ...any) {
	fmt.Fprintf(c.Progress, "%s  %s: %s\n", time.Now().Format(time.TimeOnly), c.Drill, fmt.Sprintf(format, args...))
}

// mark says what happens, here and on the time axis of the report.
func (c *course) mark(format string, args ...any) {
	c.say(format, args...)
	c.events = append(c.events, results.Event{At: time.Since(c.began), Name: fmt.Sprintf(format, args...)})
}
