package supervisor

import (
	"fmt"
	"slices"
	"strconv"
	"syscall"

	"orchard/localcloud/internal/machine/proc"
)

// family lists the living processes of the current start.
func (s *service) family() []proc.Stat { return family(s.invocation, s.session) }

// end stops the service: ExecStop=, the kill signal, and after
// TimeoutStopSec= SIGKILL.
func (s *service) end() error {
	s.restart.Stop()
	active := s.state().Active
	if active == "inactive" || active == "failed" {
		return nil
	}
	if active != "active" { // between two starts
		s.cleanUp(false)
		s.set("inactive", "dead", success)
		return nil
	}
	s.set("deactivating", "stop", success)
	result := s.shutDown()
	s.cleanUp(true)
	if result == success {
		s.set("inactive", "dead", success)
	} else {
		s.set("failed", "failed", result)
	}
	go s.m.ended(s.name)
	return nil
}

// shutDown asks the processes to end and says how that went.
func (s *service) shutDown() outcome {
	def := s.def.Service
	ctx, cancel := stopContext(def.TimeoutStop)
	defer cancel()
	if _, err := s.runStop(); err != nil {
		s.m.console.line(s.name, err.Error())
	}
	targets := s.family()
	if def.KillMode == "process" || def.KillMode == "mixed" {
		targets = slices.DeleteFunc(targets, func(p proc.Stat) bool { return s.main == nil || p.PID != s.main.pid })
	}
	if def.KillMode != "none" {
		signalAll(targets, def.KillSignal)
	}
	result := success
	if s.main != nil {
		select {
		case <-s.main.done:
			s.setCode(code(s.main.status))
			result = judge(s.main.status)
		case <-ctx.Done():
			result = timeout
		}
	}
	if def.KillMode == "control-group" && result != timeout && !awaitGone(s.family, def.TimeoutStop) {
		result = timeout
	}
	if result == timeout {
		s.m.console.line(s.name, fmt.Sprintf("did not stop within %s and is killed", def.TimeoutStop))
	}
	return result
}

// runStop runs ExecStop= while the main process is still there.
func (s *service) runStop() (outcome, error) {
	def := s.def.Service
	if len(def.Stop) == 0 {
		return success, nil
	}
	ctx, cancel := stopContext(def.TimeoutStop)
	defer cancel()
	session := s.session
	defer func() { s.session = session }()
	return s.runAll(ctx, "ExecStop", def.Stop, s.mainPID()...)
}

// runReload runs ExecReload=.
func (s *service) runReload() error {
	if s.state().Active != "active" {
		return fmt.Errorf("reload %s: the unit is not active", s.name)
	}
	def := s.def.Service
	if len(def.Reload) == 0 {
		return fmt.Errorf("reload %s: the unit has no ExecReload=", s.name)
	}
	ctx, cancel := stopContext(def.TimeoutStart)
	defer cancel()
	session := s.session
	defer func() { s.session = session }()
	if _, err := s.runAll(ctx, "ExecReload", def.Reload, s.mainPID()...); err != nil {
		return fmt.Errorf("reload %s: %w", s.name, err)
	}
	return nil
}

func (s *service) mainPID() []string {
	if s.main == nil {
		return nil
	}
	return []string{"MAINPID=" + strconv.Itoa(s.main.pid)}
}

// cleanUp ends what is left of a start once its main process has ended, or
// has to: by the kill signal with TimeoutStopSec= to obey, or at once when
// it was asked already. KillMode=process and none leave processes alone.
func (s *service) cleanUp(asked bool) {
	def := s.def.Service
	if def == nil {
		return
	}
	switch def.KillMode {
	case "control-group":
		if left := s.family(); len(left) > 0 && !asked {
			signalAll(left, def.KillSignal)
			awaitGone(s.family, def.TimeoutStop)
		}
		killAll(s.family)
	case "mixed":
		killAll(s.family)
	case "process":
		if s.main != nil {
			s.m.reaper.kill(s.main, syscall.SIGKILL)
		}
	}
	if s.main != nil && def.KillMode != "none" {
		<-s.main.done
	}
	s.main, s.session = nil, 0
	s.m.layout.removeRuntime(def)
}
