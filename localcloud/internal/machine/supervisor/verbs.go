package supervisor

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Exit codes of systemctl(1).
const (
	exitFailed    = 1
	exitInactive  = 3
	exitNoUnit    = 4
	exitNotLoaded = 5
)

// verb answers for one unit.
type verb func(m *Manager, r Request, name string) Response

var verbs = map[string]verb{
	"start":        func(m *Manager, _ Request, name string) Response { return m.act("start", name, m.Start(name)) },
	"stop":         func(m *Manager, _ Request, name string) Response { return m.act("stop", name, m.Stop(name)) },
	"restart":      restartVerb,
	"try-restart":  tryRestartVerb,
	"reload":       reloadVerb,
	"enable":       enableVerb,
	"disable":      disableVerb,
	"is-active":    isActiveVerb,
	"is-failed":    isFailedVerb,
	"is-enabled":   isEnabledVerb,
	"reset-failed": resetFailedVerb,
	"status":       statusVerb,
	"show":         showVerb,
}

// jobs are the verbs that --no-block sends to the background.
var jobs = []string{"start", "stop", "restart", "try-restart", "reload"}

// do carries out a request for each of its units. The highest exit code
// counts, except for is-active and is-failed: there one unit suffices.
func (m *Manager) do(r Request) Response {
	if r.Verb == "daemon-reload" {
		if err := m.Reload(); err != nil {
			return Response{Code: exitFailed, Stderr: "Failed to reload daemon: " + err.Error() + "\n"}
		}
		return Response{}
	}
	answer, ok := verbs[r.Verb]
	if !ok {
		return Response{Code: exitFailed, Stderr: "Unknown command verb " + r.Verb + ".\n"}
	}
	if r.NoBlock && slices.Contains(jobs, r.Verb) {
		go m.each(answer, r)
		return Response{}
	}
	return m.each(answer, r)
}

func (m *Manager) each(answer verb, r Request) Response {
	var all Response
	anyFine := false
	for _, name := range r.Units {
		one := answer(m, r, name)
		all.Stdout += one.Stdout
		all.Stderr += one.Stderr
		all.Code = max(all.Code, one.Code)
		anyFine = anyFine || one.Code == 0
	}
	if anyFine && (r.Verb == "is-active" || r.Verb == "is-failed") {
		all.Code = 0
	}
	return all
}

// act turns the result of a job into systemctl's answer; the console log
// keeps failures, whoever asked.
func (m *Manager) act(what, name string, err error) Response {
	if err == nil {
		return Response{}
	}
	text := fmt.Sprintf("Failed to %s %s: %v", what, name, err)
	m.console.line("init", text)
	if errors.Is(err, errNotFound) {
		return Response{Code: exitNotLoaded, Stderr: text + "\n"}
	}
	return Response{Code: exitFailed, Stderr: text + "\n"}
}

func restartVerb(m *Manager, _ Request, name string) Response {
	dependents := m.dependents(name, true)
	err := m.Stop(name)
	for _, again := range append([]string{name}, dependents...) {
		if err == nil {
			err = m.Start(again)
		}
	}
	return m.act("restart", name, err)
}

func tryRestartVerb(m *Manager, r Request, name string) Response {
	if active := m.status(name).Active; active == "inactive" || active == "failed" {
		return Response{}
	}
	return restartVerb(m, r, name)
}

func reloadVerb(m *Manager, _ Request, name string) Response {
	if _, err := m.definition(name); err != nil {
		return m.act("reload", name, err)
	}
	return m.act("reload", name, m.service(name).reload())
}

func enableVerb(m *Manager, r Request, name string) Response {
	lines, err := m.Enable(name)
	answer := m.act("enable unit", name, err)
	answer.Stderr = join(lines) + answer.Stderr
	if err == nil && r.Now {
		started := m.act("start", name, m.Start(name))
		answer.Code, answer.Stderr = started.Code, answer.Stderr+started.Stderr
	}
	return answer
}

func disableVerb(m *Manager, r Request, name string) Response {
	lines, err := m.Disable(name)
	if err == nil && r.Now {
		err = m.Stop(name)
	}
	answer := m.act("disable unit", name, err)
	answer.Stderr = join(lines) + answer.Stderr
	return answer
}

func join(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

func resetFailedVerb(m *Manager, _ Request, name string) Response {
	if _, err := m.definition(name); err != nil {
		return m.act("reset failed state of unit", name, err)
	}
	if strings.HasSuffix(name, ".service") {
		return m.act("reset failed state of unit", name, m.service(name).forget())
	}
	return Response{}
}
