// Package plan reads what a run is to do, from a YAML file:
//
//	target:
//	  url: http://127.1.0.10:8080      # or outputs: FILE, as make outputs prints them
//	phases:
//	  - {shape: constant, rate: 300, for: 30s}
//	  - {shape: ramp, from: 300, to: 600, for: 10s}
//	  - {shape: step, from: 600, to: 900, steps: 4, for: 20s}
//	  - {shape: spike, rate: 300, peak: 1500, after: 5s, width: 5s, for: 20s}
//	mix: {list: 40, detail: 40, create: 10, update: 10}
//	objectives: [p99 < 50ms, errors < 0.1%, lost == 0]
//
// Instead of phases, closed: {for: 30s} makes a closed loop of the connections;
// instead of a mix, get: /path asks for one thing. With records: true each request is
// written down (loadrunner records lists them). Every error of a file is
// reported at once, and a key that is not known is one.
package plan

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"orchard/loadrunner/internal/engine"
	"orchard/loadrunner/internal/mix"
	"orchard/loadrunner/internal/objective"
	"orchard/loadrunner/internal/pace"
	"orchard/loadrunner/internal/results"
)

// Plan is a file's content, checked.
type Plan struct {
	URL        *url.URL
	Engine     engine.Config
	Get        string // a path, or empty for the mix
	Mix        mix.Weights
	Objectives []objective.Objective
	Behind     float64         // the share that the generator may notice late, 0 to 1
	Records    bool            // each request is written down
	Events     []results.Event // where one phase follows another
}

// File is a plan as it is written.
type File struct {
	Target         Target   `yaml:"target"`
	Phases         []Phase  `yaml:"phases"`
	Closed         *Closed  `yaml:"closed"`
	Get            string   `yaml:"get"`
	Mix            *Mix     `yaml:"mix"`
	Objectives     []string `yaml:"objectives"`
	Connections    int      `yaml:"connections"`     // opened at once, 20
	InFlight       int      `yaml:"in-flight"`       // at most, 1000
	Timeout        Duration `yaml:"timeout"`         // of a request from its scheduled moment, 10s
	ConnectionLife Duration `yaml:"connection-life"` // without an end
	Behind         string   `yaml:"behind"`          // share that the generator may notice late, 1%
	Records        bool     `yaml:"records"`         // write each request down beside what is counted
}

// Target is where requests go: one of the two is given.
type Target struct {
	URL     string `yaml:"url"`
	Outputs string `yaml:"outputs"` // a file of a stack's outputs, beside the plan
}

// Closed is a closed loop.
type Closed struct {
	For Duration `yaml:"for"`
}

// Mix is mix.Weights.
type Mix struct {
	List   int `yaml:"list"`
	Detail int `yaml:"detail"`
	Create int `yaml:"create"`
	Update int `yaml:"update"`
}

// Duration is a time such as 1m30s.
type Duration time.Duration

// UnmarshalYAML reads a duration; its error does not hide those that follow it.
func (d *Duration) UnmarshalYAML(n *yaml.Node) error {
	v, err := time.ParseDuration(n.Value)
	if err != nil || v < 0 {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: write a time such as 30s or 1m30s, not %q", n.Line, n.Value)}}
	}
	*d = Duration(v)
	return nil
}

// Read reads and checks a plan. A target on the command line replaces the file's.
func Read(name, target string) (*Plan, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read plan: %w", err)
	}
	var f File
	problems := Decode(text, &f)
	if f.Target.Outputs != "" && !filepath.IsAbs(f.Target.Outputs) {
		f.Target.Outputs = filepath.Join(filepath.Dir(name), f.Target.Outputs)
	}
	if target != "" {
		f.Target = Target{URL: target}
	}
	p, more := f.check()
	if problems = append(problems, more...); len(problems) > 0 {
		return nil, fmt.Errorf("plan %s:\n  %s", name, strings.Join(problems, "\n  "))
	}
	return p, nil
}

// Check checks a plan that is not from a file.
func (f File) Check() (*Plan, error) {
	p, problems := f.check()
	if len(problems) > 0 {
		return nil, errors.New(strings.Join(problems, "\n"))
	}
	return p, nil
}

// The defaults of a plan.
const (
	connections = 20
	inFlight    = 1000
	timeout     = 10 * time.Second
)

func (f File) check() (*Plan, []string) {
	var problems []string
	note := func(err error) {
		if err != nil {
			problems = append(problems, strings.Split(err.Error(), "\n")...)
		}
	}
	p := &Plan{Get: f.Get, Mix: mix.Default, Records: f.Records}
	p.Engine = engine.Config{
		Connections: or(f.Connections, connections), InFlight: or(f.InFlight, inFlight),
		Timeout: or(time.Duration(f.Timeout), timeout), ConnectionLife: time.Duration(f.ConnectionLife),
	}
	var err error
	p.URL, err = f.Target.resolve()
	note(err)
	if err == nil {
		p.Engine.TLS, p.Engine.Address = p.URL.Scheme == "https", address(p.URL)
	}
	note(f.load(p))
	note(f.requests(p))
	p.Behind, err = share(or(f.Behind, "1%"))
	note(err)
	note(bounded("connections", p.Engine.Connections))
	note(bounded("in-flight", p.Engine.InFlight))
	for _, text := range f.Objectives {
		o, err := objective.Parse(text)
		note(err)
		p.Objectives = append(p.Objectives, o)
	}
	return p, problems
}

func or[T comparable](given, otherwise T) T {
	var zero T
	if given == zero {
		return otherwise
	}
	return given
}

// most is the most connections of one process; more are for more nodes.
const most = 10000

func bounded(name string, n int) error {
	if n < 1 || n > most {
		return fmt.Errorf("%s: give 1 to %d, not %d", name, most, n)
	}
	return nil
}

// load makes the loop.
func (f File) load(p *Plan) error {
	if (f.Closed == nil) == (len(f.Phases) == 0) {
		return errors.New("give phases, or closed")
	}
	if f.Closed != nil {
		p.Engine.Length = time.Duration(f.Closed.For)
		if p.Engine.Length == 0 {
			return errors.New("closed: give for, such as 30s")
		}
		return nil
	}
	var segments []pace.Segment
	var errs []error
	var at time.Duration
	for i, phase := range f.Phases {
		s, err := phase.segments()
		if err != nil {
			errs = append(errs, fmt.Errorf("phases[%d]: %w", i, err))
		}
		segments = append(segments, s...)
		if at += time.Duration(phase.For); i < len(f.Phases)-1 {
			p.Events = append(p.Events, results.Event{At: at, Name: f.Phases[i+1].Shape})
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	var err error
	p.Engine.Schedule, err = pace.New(segments...)
	return err
}

// share reads a percentage such as 1%.
func share(text string) (float64, error) {
	v, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	if err != nil || !strings.HasSuffix(text, "%") || v < 0 || v > 100 {
		return 0, fmt.Errorf("behind: give a share such as 1%%, not %q", text)
	}
	return v / 100, nil
}
