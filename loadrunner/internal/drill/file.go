package drill

import (
	"fmt"
	"os"
	"strings"
	"time"

	"orchard/loadrunner/internal/objective"
	"orchard/loadrunner/internal/plan"
)

// File is a drill as it is written.
type File struct {
	Drill  string   `yaml:"drill"` // its name, that of the file
	About  string   `yaml:"about"` // one sentence
	Load   Load     `yaml:"load"`
	Before []string `yaml:"before"` // objectives of the steady state; without it nothing is broken
	Faults []Fault  `yaml:"faults"`
	// Release is rolled out in place of, or beside, faults: good or bad.
	Release string `yaml:"release"`
	// Scales says that the load must scale the groups out, and its end in again.
	Scales    bool          `yaml:"scales"`
	During    []string      `yaml:"during"`    // objectives, beside the computed bounds
	Within    plan.Duration `yaml:"within"`    // until the stack is whole, after the faults' end
	After     []string      `yaml:"after"`     // objectives once it is
	Rollbacks []Rollback    `yaml:"rollbacks"` // at the end, however the drill ends
	// Expect says, by cloud, what the cloud does worse by its own rules.
	Expect map[string][]Expectation `yaml:"expect"`
}

// Load is what is sent all the while.
type Load struct {
	Rate float64   `yaml:"rate"` // requests/s, 200 or more
	Mix  *plan.Mix `yaml:"mix"`  // one in five writes, or more
	// ConnectionLife is how long a connection is used. A balancer of layer 4 leads
	// connections, not requests: instances that come up get new ones only.
	ConnectionLife plan.Duration `yaml:"connection-life"`
	Spike          *Spike        `yaml:"spike"`
}

// Spike is a higher rate in between.
type Spike struct {
	Peak  float64       `yaml:"peak"`
	Width plan.Duration `yaml:"width"`
}

// Fault is something to break.
type Fault struct {
	At     plan.Duration `yaml:"at"` // after the end of the steady state
	Kind   string        `yaml:"kind"`
	Target string        `yaml:"target"` // a selector: see Select
	For    plan.Duration `yaml:"for"`    // of a fault that lasts
}

// Rollback is what puts the stack back.
type Rollback string

// The rollbacks.
const (
	EndFaults     Rollback = "end-faults"     // those that are still in force
	DeployRelease Rollback = "deploy-release" // the one that was up before
)

// Expectation is a rule of a cloud by which it does worse than the bounds say.
type Expectation struct {
	Rule   Rule   `yaml:"rule"`
	Source string `yaml:"source"` // where the cloud says so
}

// Read reads and checks a drill. Every mistake is reported at once.
func Read(path string) (File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return File{}, fmt.Errorf("read drill: %w", err)
	}
	var f File
	problems := plan.Decode(text, &f)
	if problems = append(problems, f.check()...); len(problems) > 0 {
		return File{}, fmt.Errorf("drill %s:\n  %s", path, strings.Join(problems, "\n  "))
	}
	return f, nil
}

// objectives parses sentences; they have been checked.
func objectives(sentences []string) []objective.Objective {
	var out []objective.Objective
	for _, s := range sentences {
		if o, err := objective.Parse(s); err == nil {
			out = append(out, o)
		}
	}
	return out
}

// lasting is how long after the steady state the last fault ends.
func (f File) lasting() time.Duration {
	var end time.Duration
	for _, fault := range f.Faults {
		end = max(end, time.Duration(fault.At+fault.For))
	}
	return end
}
