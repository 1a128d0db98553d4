package supervisor

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"orchard/localcloud/internal/machine/probe"
)

// Marker is the variable that every process of an instance carries in its
// environment; its value is the instance's id.
const Marker = "LOCALCLOUD_INSTANCE"

// ControlVariable tells `systemctl` where the control socket is.
const ControlVariable = "LOCALCLOUD_CONTROL"

// Layout is where an instance keeps what.
type Layout struct {
	ID      string `json:"id"`
	Zone    string `json:"zone"`
	Address string `json:"address"` // the loopback IP that its sockets bind
	Dir     string `json:"dir"`
	RunDir  string `json:"runDir"` // sockets: a short path, see machine.Spec

	Health *probe.Probe `json:"health,omitempty"` // nil: init does not ask for the health
}

// Config is the file in Dir that the init process starts from.
const Config = "machine.json"

func (l Layout) UserData() string { return filepath.Join(l.Dir, "user-data") }
func (l Layout) Root() string     { return filepath.Join(l.Dir, "root") }
func (l Layout) Image() string    { return filepath.Join(l.Dir, "image") }
func (l Layout) Home() string     { return filepath.Join(l.Dir, "home") }
func (l Layout) Temp() string     { return filepath.Join(l.Dir, "tmp") }
func (l Layout) Curl() string     { return filepath.Join(l.Dir, "curl") }
func (l Layout) Console() string  { return filepath.Join(l.Dir, "console.log") }
func (l Layout) State() string    { return filepath.Join(l.Dir, "state.json") }
func (l Layout) Report() string   { return filepath.Join(l.Dir, "health.report") }
func (l Layout) Control() string  { return filepath.Join(l.RunDir, "control.sock") }

// Runtime is /run of the instance, in RunDir because services put sockets
// there; root/run leads to it.
func (l Layout) Runtime() string { return filepath.Join(l.RunDir, "r") }

// Units is where the user-data writes unit files.
func (l Layout) Units() string { return filepath.Join(l.Root(), "etc/systemd/system") }

// ranOnce marks that the user-data has been run: a second boot of the same
// folder starts the enabled units instead, as cloud-init does.
func (l Layout) ranOnce() string { return filepath.Join(l.Dir, "user-data.ran") }

// ReadLayout reads Config from an instance's folder.
func ReadLayout(dir string) (Layout, error) {
	var l Layout
	text, err := os.ReadFile(filepath.Join(dir, Config))
	if err != nil {
		return l, fmt.Errorf("read instance configuration: %w", err)
	}
	if err := json.Unmarshal(text, &l); err != nil {
		return l, fmt.Errorf("read instance configuration %s: %w", dir, err)
	}
	return l, nil
}
