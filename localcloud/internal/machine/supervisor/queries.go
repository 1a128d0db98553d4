package supervisor

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func isActiveVerb(m *Manager, r Request, name string) Response {
	active := m.status(name).Active
	return asked(r, active, active == "active")
}

func isFailedVerb(m *Manager, r Request, name string) Response {
	active := m.status(name).Active
	answer := asked(r, active, active == "failed")
	answer.Code = min(answer.Code, exitFailed)
	return answer
}

func asked(r Request, word string, yes bool) Response {
	answer := Response{Stdout: word + "\n"}
	if r.Quiet {
		answer.Stdout = ""
	}
	if !yes {
		answer.Code = exitInactive
	}
	return answer
}

func isEnabledVerb(m *Manager, r Request, name string) Response {
	state, err := m.fileState(name)
	if err != nil {
		return Response{Code: exitFailed, Stderr: fmt.Sprintf("Failed to get unit file state for %s: %v\n", name, err)}
	}
	answer := asked(r, state, state != "disabled")
	answer.Code = min(answer.Code, exitFailed)
	return answer
}

func statusVerb(m *Manager, _ Request, name string) Response {
	u, err := m.definition(name)
	if err != nil {
		return Response{Code: exitNoUnit, Stderr: fmt.Sprintf("Unit %s could not be loaded: %v\n", name, err)}
	}
	state, _ := m.fileState(name)
	s := m.status(name)
	var out strings.Builder
	fmt.Fprintf(&out, "%s - %s\n", name, u.Description)
	fmt.Fprintf(&out, "     Loaded: loaded (%s; %s)\n", filepath.Join(m.layout.Units(), name), state)
	fmt.Fprintf(&out, "     Active: %s (%s)\n", s.Active, s.Sub)
	if s.MainPID != 0 {
		fmt.Fprintf(&out, "   Main PID: %d\n", s.MainPID)
	}
	if s.Active == "failed" {
		fmt.Fprintf(&out, "     Result: %s, status %d\n", s.Result, s.Code)
	}
	answer := Response{Stdout: out.String()}
	if s.Active != "active" {
		answer.Code = exitInactive
	}
	return answer
}

// properties are what `systemctl show` can tell, in its own order.
var properties = []string{
	"Id", "Description", "LoadState", "ActiveState", "SubState", "UnitFileState",
	"Result", "MainPID", "ExecMainStatus", "NRestarts", "FragmentPath",
}

func showVerb(m *Manager, r Request, name string) Response {
	wanted := r.Properties
	if len(wanted) == 0 {
		wanted = properties
	}
	values := m.show(name)
	var out strings.Builder
	for _, property := range wanted {
		value, ok := values[property]
		switch {
		case !ok:
			return Response{Code: exitFailed, Stderr: fmt.Sprintf("property %s is not supported (supported: %s)\n", property, strings.Join(properties, ", "))}
		case r.Value:
			fmt.Fprintln(&out, value)
		default:
			fmt.Fprintf(&out, "%s=%s\n", property, value)
		}
	}
	return Response{Stdout: out.String()}
}

func (m *Manager) show(name string) map[string]string {
	u, err := m.definition(name)
	load := "loaded"
	if err != nil {
		load = map[bool]string{true: "not-found", false: "bad-setting"}[errors.Is(err, errNotFound)]
	}
	state, _ := m.fileState(name)
	s := m.status(name)
	values := map[string]string{
		"Id": name, "Description": u.Description, "LoadState": load,
		"ActiveState": s.Active, "SubState": s.Sub, "UnitFileState": state,
		"Result": s.Result, "MainPID": strconv.Itoa(s.MainPID),
		"ExecMainStatus": strconv.Itoa(s.Code), "NRestarts": strconv.Itoa(s.Restarts),
		"FragmentPath": filepath.Join(m.layout.Units(), name),
	}
	if load == "not-found" {
		values["FragmentPath"] = ""
	}
	return values
}

// KnownVerbs lists the verbs, for `systemctl` to refuse others itself.
func KnownVerbs() []string {
	names := []string{"daemon-reload"}
	for name := range verbs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
