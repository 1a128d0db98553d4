package supervisor

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"orchard/localcloud/internal/machine/probe"
)

// Phase is how far an instance has come.
type Phase string

// The phases, see the package comment.
const (
	Booting      Phase = "booting"
	ScriptFailed Phase = "script-failed"
	Running      Phase = "running"
	Stopped      Phase = "stopped" // after an orderly shutdown
)

// State is what an instance tells about itself.
type State struct {
	Phase    Phase                 `json:"phase"`
	ExitCode int                   `json:"exitCode,omitempty"` // of the user-data; 128+n after signal n
	Problem  string                `json:"problem,omitempty"`  // one sentence when the script failed
	Console  []string              `json:"console,omitempty"`  // its last lines when the script failed
	Units    map[string]UnitStatus `json:"units,omitempty"`
	Health   *probe.Health         `json:"health,omitempty"` // nil before the first report
	Changed  time.Time             `json:"changed"`
}

// UnitStatus is one unit as `systemctl show` tells it.
type UnitStatus struct {
	Active   string `json:"active"` // inactive, activating, active, deactivating, failed
	Sub      string `json:"sub"`    // dead, running, exited, listening, auto-restart, ...
	Result   string `json:"result,omitempty"`
	MainPID  int    `json:"mainPid,omitempty"`
	Restarts int    `json:"restarts,omitempty"`
	Code     int    `json:"code,omitempty"` // last exit status of the main process
}

// ReadState reads the state file. A file that is not there yet is the
// booting phase.
func ReadState(path string) (State, error) {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return State{Phase: Booting}, nil
	}
	if err != nil {
		return State{}, fmt.Errorf("read instance state: %w", err)
	}
	var s State
	if err := json.Unmarshal(text, &s); err != nil {
		return State{}, fmt.Errorf("read instance state %s: %w", path, err)
	}
	return s, nil
}

// write replaces the state file in one step.
func (s State) write(path string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write instance state: %w", err)
	}
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return fmt.Errorf("write instance state: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write instance state: %w", err)
	}
	return nil
}
