package supervisor

import (
	"errors"
	"fmt"
	"os"
	"time"

	"orchard/localcloud/internal/machine/probe"
)

// observe asks the service for its health for as long as init lives.
func (i *instance) observe(asker *probe.Asker) {
	p := i.layout.Health
	progress := p.Begin(time.Now())
	i.report(probe.State(""), progress.Health)
	tick := time.NewTicker(p.Interval)
	for {
		before := progress.State
		result := asker.Ask()
		progress = p.Next(progress, result, time.Now())
		i.report(before, progress.Health)
		<-tick.C
	}
}

// report puts a new state into the state file, and marks that there was a
// report. Before the first result there may be none.
func (i *instance) report(before probe.State, h probe.Health) {
	if h.State == "" {
		return
	}
	var problems []error
	if h.State != before {
		problems = append(problems, i.record(func(s *State) { s.Health = &h }))
	}
	problems = append(problems, touch(i.layout.Report(), time.Now()))
	if err := errors.Join(problems...); err != nil {
		i.console.line("init", "report health: "+err.Error())
	}
}

// touch sets a file's time, and makes the file the first time.
func touch(path string, now time.Time) error {
	err := os.Chtimes(path, time.Time{}, now)
	if os.IsNotExist(err) {
		err = os.WriteFile(path, nil, 0o600)
	}
	if err != nil {
		return fmt.Errorf("mark report: %w", err)
	}
	return nil
}
