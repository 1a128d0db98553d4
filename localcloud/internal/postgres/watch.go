package postgres

import (
	"context"
	"fmt"
	"time"
)

// memory is what the control loop remembers from look to look.
type memory struct {
	failing  time.Time
	unlinked time.Time
	starts   int
	silent   bool // the primary did not answer; said once
	failed   action
	retry    time.Time // not before this is the failed action tried again
	complain string    // the last failure, which is said once
}

// Run keeps the servers as asked until the context ends or the database is
// deleted. It returns nil then. It runs once at a time.
func (p *Pair) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.mu.Lock()
	p.end = cancel
	p.mu.Unlock()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	defer p.rest()
	watched := map[Process]bool{}
	for {
		if p.look(ctx) {
			return nil
		}
		p.watchEnds(ctx, watched)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case <-p.wake:
		}
	}
}

// look observes and acts until there is nothing to do, and says whether the
// database is deleted.
func (p *Pair) look(ctx context.Context) (deleted bool) {
	p.op.Lock()
	defer p.op.Unlock()
	for range 8 { // a bound, should two steps ever undo each other
		if p.deleted || ctx.Err() != nil {
			break
		}
		if _, acted := p.step(ctx); !acted {
			break
		}
	}
	return p.deleted
}

// rest gives up the connection to the primary that the loop keeps.
func (p *Pair) rest() {
	p.op.Lock()
	defer p.op.Unlock()
	p.disconnect()
}

// watchEnds has the loop woken when a server that it does not know yet ends.
func (p *Pair) watchEnds(ctx context.Context, watched map[Process]bool) {
	for _, server := range p.State().Servers {
		process := server.Process
		if process.PID == 0 || watched[process] {
			continue
		}
		watched[process] = true
		go func() {
			if err := process.wait(ctx); err == nil {
				p.poke()
			}
		}()
	}
}

// step takes one decision and carries it out. The caller holds op.
func (p *Pair) step(ctx context.Context) (observation, bool) {
	o := p.observe(ctx)
	if ctx.Err() != nil {
		return o, false // a primary that we did not wait for has not failed
	}
	now := time.Now()
	if why := outage(o); why != "" || o.ready && !o.failed() {
		p.sayOutage(why)
	}
	next := decide(o, now)
	if next == nothing || next == p.memory.failed && now.Before(p.memory.retry) {
		return o, false
	}
	err := p.act(ctx, next)
	p.report(ctx, next, time.Since(now), err)
	return o, err == nil
}

// report remembers and logs how an action went. The same failure again is
// not said again.
func (p *Pair) report(ctx context.Context, done action, took time.Duration, err error) {
	log := p.host.Log.With("database", p.State().Spec.Folder, "action", string(done))
	if err == nil {
		p.memory.failed, p.memory.complain = "", ""
		log.Info("database action done", "took", took.Round(time.Millisecond))
		return
	}
	p.memory.failed, p.memory.retry = done, time.Now().Add(retryTime)
	if ctx.Err() == nil && p.memory.complain != err.Error() {
		p.memory.complain = err.Error()
		log.Error("database action failed, trying again", "error", err)
	}
}

// sayOutage keeps and tells why writes are not accepted, when that changes.
func (p *Pair) sayOutage(why string) {
	p.mu.Lock()
	before := p.out
	p.out = why
	p.mu.Unlock()
	switch {
	case why == before:
	case why == "":
		p.tell("outage is over: writes are accepted")
	default:
		p.tell("outage: %s", why)
	}
}

func (p *Pair) act(ctx context.Context, next action) error {
	switch next {
	case restartPrimary:
		return p.startPrimary(ctx)
	case suspendSync:
		return p.suspend()
	case requireSync:
		return p.require()
	case recordSync:
		return p.confirm(ctx)
	case launchStandby:
		return p.launchStandby(ctx)
	case restartStandby:
		return p.restartStandby(ctx)
	case buildStandby:
		return p.buildStandby(ctx)
	case removeStandby:
		return p.removeStandby(ctx)
	case beginFailover:
		return p.begin(false)
	case fencePrimary:
		return p.fence(ctx)
	case promoteStandby:
		return p.promote(ctx)
	case moveEndpoint:
		return p.move(ctx)
	}
	return fmt.Errorf("unknown action %q", next)
}

// settleEvery is how often a change that is under way is looked at.
const settleEvery = 20 * time.Millisecond

// settle acts until everything is as asked, or the context ends. An action
// that fails ends it. The caller holds op.
func (p *Pair) settle(ctx context.Context) error {
	ticker := time.NewTicker(settleEvery)
	defer ticker.Stop()
	for {
		o := p.observe(ctx)
		if settled(o) {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("wait for standby: %w", ctx.Err())
		}
		next := decide(o, time.Now())
		if next != nothing {
			if err := p.act(ctx, next); err != nil {
				return fmt.Errorf("%s: %w", next, err)
			}
			continue
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for standby: %w", ctx.Err())
		case <-ticker.C:
		}
	}
}
