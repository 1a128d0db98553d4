package supervisor

import (
	"context"
	"fmt"
	"sync"
	"time"

	"orchard/localcloud/internal/machine/unit"
)

// service is one .service unit: an actor that starts, stops and restarts
// its processes one thing at a time.
type service struct {
	m     *Manager
	name  string
	tasks chan task

	mu     sync.Mutex
	status UnitStatus
	cancel context.CancelFunc // ends a start in progress

	// Only the actor's goroutine uses what follows.
	def        unit.Unit
	main       *process
	invocation string
	session    int
	starts     []time.Time
	restart    *time.Timer
	restarts   int
}

// task is one request to the actor.
type task struct {
	do    func() error
	reply chan error
}

func newService(m *Manager, name string) *service {
	s := &service{m: m, name: name, tasks: make(chan task), restart: time.NewTimer(time.Hour)}
	s.restart.Stop()
	s.status = UnitStatus{Active: "inactive", Sub: "dead"}
	return s
}

// run is the actor; it lives as long as the instance.
func (s *service) run() {
	for {
		var ended <-chan struct{}
		if s.main != nil {
			ended = s.main.done
		}
		select {
		case t := <-s.tasks:
			t.reply <- t.do()
		case <-ended:
			s.mainEnded()
		case <-s.restart.C:
			s.restarts++
			if err := s.begin(); err != nil {
				s.m.console.line(s.name, err.Error())
			}
		}
	}
}

func (s *service) ask(do func() error) error {
	reply := make(chan error, 1)
	s.tasks <- task{do, reply}
	return <-reply
}

func (s *service) start() error {
	return s.ask(func() error {
		if s.state().Active == "active" {
			return nil
		}
		s.restart.Stop()
		s.restarts = 0
		return s.begin()
	})
}

// stop ends a start in progress first: it would wait for that otherwise.
func (s *service) stop() error {
	s.mu.Lock()
	if s.cancel != nil {
		s.cancel()
	}
	s.mu.Unlock()
	return s.ask(s.end)
}

func (s *service) reload() error { return s.ask(s.runReload) }

// forget clears a failure and the starts that count for the start limit.
func (s *service) forget() error {
	return s.ask(func() error {
		s.starts = nil
		if s.state().Active == "failed" {
			s.set("inactive", "dead", success)
		}
		return nil
	})
}

func (s *service) state() UnitStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// set publishes a new state.
func (s *service) set(active, sub string, result outcome) {
	s.mu.Lock()
	s.status.Active, s.status.Sub, s.status.Result = active, sub, string(result)
	s.status.Restarts, s.status.MainPID = s.restarts, 0
	if s.main != nil {
		s.status.MainPID = s.main.pid
	}
	s.mu.Unlock()
	s.m.changes.tell()
}

func (s *service) setCode(code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Code = code
}

// begin makes one start: limit, conditions, folders, commands.
func (s *service) begin() error {
	def, err := s.m.definition(s.name)
	if err != nil {
		s.set("failed", "failed", resources)
		return err
	}
	s.def = def
	var hit bool
	if s.starts, hit = limited(s.starts, def.StartLimitInterval, def.StartLimitBurst, time.Now()); hit {
		s.set("failed", "failed", limitHit)
		return fmt.Errorf("%s: start request repeated too quickly: %d starts within %s", s.name, def.StartLimitBurst, def.StartLimitInterval)
	}
	s.starts = append(s.starts, time.Now())
	if unmet := s.unmet(); unmet != "" {
		s.m.console.line(s.name, "skipped because of an unmet condition: "+unmet)
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.mu.Lock()
	s.cancel = cancel
	s.mu.Unlock()
	defer cancel()
	s.invocation, s.session = newInvocation(), 0
	s.set("activating", "start", success)
	end, err := s.launch(ctx)
	if err == nil {
		return nil
	}
	s.fail(end, ctx.Err() != nil)
	return fmt.Errorf("job for %s failed: %w", s.name, err)
}

func (s *service) unmet() string {
	for _, c := range s.def.Conditions {
		if exists(s.m.layout, c.Path) == c.Not {
			return fmt.Sprintf("ConditionPathExists=%s%s", map[bool]string{true: "!"}[c.Not], c.Path)
		}
	}
	return ""
}

// fail ends a start that did not succeed, and plans a restart where the
// unit asks for one; stopped says that a stop interrupted the start.
func (s *service) fail(end outcome, stopped bool) {
	status := s.lastStatus()
	s.cleanUp(false)
	switch {
	case stopped:
		s.set("inactive", "dead", success)
	case restarts(s.def.Service.Restart, end, status):
		s.planRestart(end)
		return
	default:
		s.set("failed", "failed", end)
	}
	go s.m.ended(s.name)
}

func (s *service) planRestart(end outcome) {
	s.set("activating", "auto-restart", end)
	s.restart.Reset(s.def.Service.RestartDelay)
}

// mainEnded follows the end of the main process that nobody asked for.
func (s *service) mainEnded() {
	status := s.main.status
	end := judge(status)
	s.m.console.line(s.name, fmt.Sprintf("main process %d ended: %s, status %d", s.main.pid, end, code(status)))
	s.setCode(code(status))
	s.cleanUp(false)
	switch {
	case restarts(s.def.Service.Restart, end, status):
		s.planRestart(end)
		return
	case end != success:
		s.set("failed", "failed", end)
	case s.def.Service.RemainAfterExit:
		s.set("active", "exited", end)
		return
	default:
		s.set("inactive", "dead", end)
	}
	go s.m.ended(s.name)
}
