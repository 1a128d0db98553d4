package unit

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Parse reads a unit file. name is the unit's, with suffix; an instance of
// a template passes its full name ("app@one.service"). The error joins every
// *Problem found.
func Parse(name, text string) (Unit, error) {
	u := Unit{Name: name, StartLimitInterval: defaultLimitInterval, StartLimitBurst: defaultLimitBurst}
	switch filepath.Ext(name) {
	case ".service":
		u.Service = &Service{
			Type: "simple", Restart: "no", RestartDelay: defaultRestartDelay,
			TimeoutStart: defaultTimeout, TimeoutStop: defaultTimeout,
			KillMode: "control-group", KillSignal: syscall.SIGTERM,
			RuntimeMode: 0o755, StateMode: 0o755,
		}
	case ".timer":
		u.Timer = &Timer{Service: strings.TrimSuffix(name, ".timer") + ".service"}
	case ".socket":
		u.Socket = &Socket{Name: name, Service: strings.TrimSuffix(name, ".socket") + ".service"}
	default:
		return u, &Problem{Unit: name, Reason: "only .service, .socket and .timer units are supported"}
	}
	settings, err := readLines(name, text)
	problems := []error{err}
	seen := map[string]bool{}
	for _, s := range settings {
		if err := apply(&u, s); err != nil {
			problems = append(problems, &Problem{name, s.line, s.key, err.Error()})
		}
		seen[s.key] = true
	}
	if u.Service != nil && u.Service.Type == "oneshot" && !seen["TimeoutStartSec"] {
		u.Service.TimeoutStart = 0 // systemd.service(5): a oneshot has no start timeout unless it says so
	}
	problems = append(problems, u.validate()...)
	return u, errors.Join(problems...)
}

// apply sets one directive.
func apply(u *Unit, s setting) error {
	value, err := specifiers(u.Name, s.value)
	if err != nil {
		return err
	}
	var table map[string]func(string) error
	switch {
	case s.section == "Unit":
		table = u.unitTable()
	case s.section == "Install":
		table = u.installTable()
	case s.section == "Service" && u.Service != nil:
		table = u.Service.table()
	case s.section == "Socket" && u.Socket != nil:
		table = u.Socket.table()
	case s.section == "Timer" && u.Timer != nil:
		table = u.Timer.table()
	case strings.HasPrefix(s.section, "X-") || strings.HasPrefix(s.key, "X-"):
		return nil // systemd.unit(5): for other programs
	default:
		return fmt.Errorf("section [%s] is not supported in this unit", s.section)
	}
	set, ok := table[s.key]
	switch {
	case ok:
		return set(value)
	case s.section == "Service" && hardening[s.key], s.section == "Socket" && socketHardening[s.key]:
		return nil
	}
	return fmt.Errorf("this directive of [%s] is not supported", s.section)
}

// validate finds what no single directive shows.
func (u *Unit) validate() []error {
	var problems []error
	add := func(directive, reason string) {
		problems = append(problems, &Problem{Unit: u.Name, Directive: directive, Reason: reason})
	}
	if s := u.Service; s != nil {
		if len(s.Start) == 0 {
			add("ExecStart", "is missing")
		}
		if len(s.Start) > 1 && s.Type != "oneshot" {
			add("ExecStart", "is given more than once, which only Type=oneshot allows")
		}
		if s.Type == "oneshot" && slices.Contains([]string{"always", "on-success"}, s.Restart) {
			add("Restart", s.Restart+" is not allowed with Type=oneshot")
		}
	}
	if u.Timer != nil && len(u.Timer.Calendar)+len(u.Timer.Active) == 0 {
		add("OnCalendar", "is missing, and so is OnActiveSec")
	}
	if u.Socket != nil && len(u.Socket.Listen) == 0 {
		add("ListenStream", "is missing")
	}
	return problems
}
