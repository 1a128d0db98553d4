package world

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"orchard/localcloud/internal/durable"
	"orchard/localcloud/internal/scaling"
)

// stateVersion is the layout of the state file. A file of another version is
// refused, not converted: a world is cheap to make again.
const stateVersion = 2

// state is what is on disk: everything that a daemon must know to come back.
type state struct {
	Version   int                        `json:"version"`
	Stack     string                     `json:"stack"`
	Number    int                        `json:"number"` // W of the addresses 127.W.zone.host
	Cloud     string                     `json:"cloud"`  // of its resources, or of the last ones
	Sequence  int                        `json:"sequence"`
	Hosts     map[string]int             `json:"hosts"` // "kind/id" → host in zone 0
	Ports     map[string]int             `json:"ports"` // of the daemon's own services, by purpose
	Resources []Resource                 `json:"resources"`
	Instances map[string]*Instance       `json:"instances"`
	Databases map[string]*DatabaseServer `json:"databases"`
	Desired   map[string]int             `json:"desired"` // group → what scaling decided

	// Versions are the template versions that the instances of a group were
	// last asked to have, Rollouts how far that is.
	Versions map[string]int               `json:"versions"`
	Rollouts map[string]*scaling.Progress `json:"rollouts"`

	Changed       map[string]time.Time `json:"changed"`       // group → when the program last changed it
	Rests         map[string]time.Time `json:"rests"`         // group → until when its rules are not followed
	FailedRepairs map[string]int       `json:"failedRepairs"` // group → repairs in a row that did not help
	Faults        []Fault              `json:"faults"`
}

func newState(stack string, number int) *state {
	return &state{
		Version:   stateVersion,
		Stack:     stack,
		Number:    number,
		Hosts:     map[string]int{},
		Ports:     map[string]int{},
		Instances: map[string]*Instance{},
		Databases: map[string]*DatabaseServer{},
		Desired:   map[string]int{},
		Versions:  map[string]int{},
		Rollouts:  map[string]*scaling.Progress{},

		Changed:       map[string]time.Time{},
		Rests:         map[string]time.Time{},
		FailedRepairs: map[string]int{},
	}
}

// loadState reads a world's state file. It answers fs.ErrNotExist where there
// is none, and an error that names the file and the remedy where it cannot be
// used.
func loadState(path string) (*state, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s := newState("", 0)
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("state file %s cannot be read (%w): remove the stack with `localcloud reset`", path, err)
	}
	if s.Version != stateVersion {
		return nil, fmt.Errorf("state file %s has version %d, this localcloud writes version %d: remove the stack with `localcloud reset`",
			path, s.Version, stateVersion)
	}
	return s, nil
}

// save writes the state file so that a crash leaves either the old or the new
// one whole, and returns once it is on disk.
func (s *state) save(path string) error {
	data, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return fmt.Errorf("encode state: %w", err)
	}
	return durable.Write(path, data, 0o600)
}
