// Package runner carries a plan out: it puts together the engine, what it sends, the
// recorder and the ledger, and holds the result to the objectives.
//
// A caller in the same process sees each second as it ends, through Options.Window,
// and says through Options.Events what it did to the target meanwhile.
package runner

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"time"

	"orchard/loadrunner/internal/engine"
	"orchard/loadrunner/internal/ledger"
	"orchard/loadrunner/internal/mix"
	"orchard/loadrunner/internal/plan"
	"orchard/loadrunner/internal/record"
	"orchard/loadrunner/internal/results"
)

// Options are what a plan does not say.
type Options struct {
	Token  string // for writes
	Folder string // for the results, or empty
	Node   string // the name of this node in its results
	// Window is called with each second as it ends; it must not keep the window.
	Window func(*record.Window)
	// Started is called once, when the first request is due.
	Started func(time.Time)
	// Events returns what happened meanwhile; it is called once, after the run.
	Events func() []results.Event
}

// run is one run.
type run struct {
	Options
	plan   *plan.Plan
	source engine.Source
	ledger *ledger.Ledger // nil without writes
	mix    *mix.Mix       // nil without one
	writer *results.Writer
	result *record.Result
}

// Run carries the plan out until its end or that of ctx, which stops the sending;
// the writes are then checked all the same. What the target does is in the
// document; an error is of this side: no token, no folder, a name without an address.
func Run(ctx context.Context, p *plan.Plan, o Options) (*results.Document, error) {
	r := &run{Options: o, plan: p, result: record.NewResult()}
	if err := r.prepare(); err != nil {
		return nil, err
	}
	if r.ledger != nil {
		defer r.ledger.Close()
	}
	if err := r.send(ctx); err != nil {
		return nil, err
	}
	r.result.Bound = p.Behind
	d := &results.Document{Result: r.result, Events: p.Events}
	if r.Events != nil {
		d.Events = slices.Concat(d.Events, r.Events())
	}
	d.Judge()
	if err := r.check(context.WithoutCancel(ctx), d); err != nil {
		return nil, err
	}
	for _, objective := range p.Objectives {
		d.Objectives = append(d.Objectives, objective.Judge(r.result, d.Ledger))
	}
	return d, r.save(d)
}

func (r *run) prepare() (err error) {
	if r.plan.Get != "" {
		r.source = engine.NewGet(r.plan.URL.Host, r.plan.Get)
	} else if err := r.makeMix(); err != nil {
		return err
	}
	if r.Folder != "" {
		r.writer, err = results.Create(r.Folder)
	}
	return err
}

func (r *run) makeMix() (err error) {
	seed := rand.Uint64()
	if r.mix, err = mix.New(r.plan.Mix, r.plan.URL.Host, r.Token, seed); err != nil {
		return err
	}
	r.source = r.mix
	if r.plan.Mix.Writes() {
		r.ledger, err = ledger.New("", strconv.FormatUint(seed>>24, 36))
		r.mix.Ledger = r.ledger
	}
	return err
}

// send runs the engine, and reads the windows beside it.
func (r *run) send(ctx context.Context) error {
	recorder, windows := record.NewRecorder(r.source.Kinds(), r.plan.Engine.Lasts())
	if r.plan.Records {
		recorder.KeepRecords()
	}
	read := make(chan error, 1)
	go func() { read <- r.read(recorder, windows) }()
	config := r.plan.Engine
	config.Started = func(at time.Time) {
		r.result.Started = at
		if r.Started != nil {
			r.Started(at)
		}
	}
	took, err := engine.Run(ctx, config, r.source, recorder)
	if err = errors.Join(err, <-read); err != nil {
		return err
	}
	r.result.AddClasses(recorder)
	r.result.Target, r.result.Node, r.result.Nodes = r.plan.URL.String(), r.Node, 1
	r.result.Seconds, r.result.Planned = took.Seconds(), r.plan.Engine.Lasts().Seconds()
	r.result.Loop = "closed"
	if r.plan.Engine.Schedule != nil {
		r.result.Loop = "open"
	}
	return nil
}

func (r *run) read(recorder *record.Recorder, windows <-chan *record.Window) error {
	var failed error
	for w := range windows {
		r.result.AddWindow(w)
		if r.Window != nil {
			r.Window(w)
		}
		if r.writer != nil && failed == nil {
			failed = r.writer.Window(w)
		}
		recorder.Return(w)
	}
	return failed
}

// check reads the writes back.
func (r *run) check(ctx context.Context, d *results.Document) error {
	if r.ledger == nil {
		return nil
	}
	r.mix.Finish()
	u := *r.plan.URL
	u.Path = ""
	v, err := r.ledger.Check(ctx, u.String())
	if err != nil {
		return err
	}
	d.Ledger = &v
	return nil
}

func (r *run) save(d *results.Document) error {
	if r.writer == nil {
		return nil
	}
	return r.writer.Finish(d)
}

// Token reads the write token from a file, or from the environment where no file is
// given. It is never an argument, which every process on the machine could read.
func Token(file string, getenv func(string) string) (string, error) {
	if file == "" {
		return getenv("ORCHARD_WRITE_TOKEN"), nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read token: %w", err)
	}
	for i, c := range text {
		if c == '\n' || c == '\r' {
			text = text[:i]
			break
		}
	}
	if len(text) == 0 {
		return "", fmt.Errorf("read token: %s is empty", file)
	}
	return string(text), nil
}
