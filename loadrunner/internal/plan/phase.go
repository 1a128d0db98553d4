package plan

import (
	"errors"
	"fmt"
	"time"

	"orchard/loadrunner/internal/pace"
)

// Phase is a part of an open loop. Rates are requests/s.
type Phase struct {
	Shape string   `yaml:"shape"` // constant, ramp, step or spike
	For   Duration `yaml:"for"`
	Rate  float64  `yaml:"rate"`  // constant; spike: before and after it
	From  float64  `yaml:"from"`  // ramp, step
	To    float64  `yaml:"to"`    // ramp, step
	Steps int      `yaml:"steps"` // step, 2 or more
	Peak  float64  `yaml:"peak"`  // spike
	After Duration `yaml:"after"` // spike: when it begins
	Width Duration `yaml:"width"` // spike: how long it lasts
}

// uses says which keys a shape has beside for.
var uses = map[string][]string{
	"constant": {"rate"},
	"ramp":     {"from", "to"},
	"step":     {"from", "to", "steps"},
	"spike":    {"rate", "peak", "after", "width"},
}

// given returns the keys that are not zero.
func (p Phase) given() map[string]bool {
	return map[string]bool{
		"rate": p.Rate != 0, "from": p.From != 0, "to": p.To != 0, "steps": p.Steps != 0,
		"peak": p.Peak != 0, "after": p.After != 0, "width": p.Width != 0,
	}
}

func (p Phase) segments() ([]pace.Segment, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	length := time.Duration(p.For)
	var segments []pace.Segment
	switch p.Shape {
	case "constant":
		segments = pace.Constant(p.Rate, length)
	case "ramp":
		segments = pace.Ramp(p.From, p.To, length)
	case "step":
		segments = pace.Step(p.From, p.To, p.Steps, length)
	case "spike":
		segments = pace.Spike(p.Rate, p.Peak, time.Duration(p.After), time.Duration(p.Width), length)
	}
	_, err := pace.New(segments...)
	return segments, err
}

func (p Phase) check() error {
	keys, ok := uses[p.Shape]
	if !ok {
		return fmt.Errorf("shape is constant, ramp, step or spike, not %q", p.Shape)
	}
	var errs []error
	if p.For == 0 {
		errs = append(errs, errors.New("give for, such as 30s"))
	}
	given := p.given()
	for _, key := range keys {
		delete(given, key)
	}
	for _, key := range []string{"rate", "from", "to", "steps", "peak", "after", "width"} {
		if given[key] {
			errs = append(errs, fmt.Errorf("a %s has no %s", p.Shape, key))
		}
	}
	switch {
	case p.Shape == "step" && p.Steps < 2:
		errs = append(errs, errors.New("give steps, 2 or more"))
	case p.Shape == "spike" && (p.After == 0 || p.Width == 0 || p.After+p.Width >= p.For):
		errs = append(errs, errors.New("give after and width, which together are shorter than for"))
	}
	return errors.Join(errs...)
}
