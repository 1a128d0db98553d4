package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// Phase is how far a failover is. Each is on disk before it begins, so that
// whoever adopts the database goes on with it.
type Phase string

// The phases of a failover, in order; the empty one is none.
const (
	Fencing    Phase = "fencing"    // it is decided: the old primary must end, and never serve again
	Promoting  Phase = "promoting"  // the old primary is dead, and nothing starts it: the standby takes over
	Moving     Phase = "moving"     // the standby is the primary, and clients do not know its address yet
	Rebuilding Phase = "rebuilding" // writes are accepted, and there is no standby in sync yet
)

// Failover is one that is under way; its zero value is none.
type Failover struct {
	Phase Phase     `json:"phase,omitempty"`
	Asked bool      `json:"asked,omitempty"` // a switchover: the old primary served until it began
	Down  time.Time `json:"down,omitzero"`   // since when writes are not accepted
	Since time.Time `json:"since,omitzero"`  // when the phase began
}

// unfinished says that a failover is under way and writes are not accepted.
func (p Phase) unfinished() bool { return p == Fencing || p == Promoting || p == Moving }

// serverless says that neither server is the primary at the moment.
func (f Failover) serverless() bool { return f.Phase == Fencing || f.Phase == Promoting }

// Timing are the waits of a failover that are not work. Zero is no wait.
type Timing struct {
	Detection time.Duration // from a primary that does not serve to the failover
	Address   time.Duration // from the promotion until clients see the new primary behind the name
}

// ErrNotPromotable says that there is no standby that holds every commit.
var ErrNotPromotable = errors.New("no standby can be promoted")

// FailOver has the standby take over from a primary that serves, without a
// wait for detection. It is on disk when this returns; Run carries it out.
// Errors: ErrNotPromotable, ErrDeleted, and one while a failover is under way.
func (p *Pair) FailOver() error {
	p.op.Lock()
	defer p.op.Unlock()
	if p.deleted {
		return fmt.Errorf("fail over: %w", ErrDeleted)
	}
	state := p.State()
	if phase := state.Failover.Phase; phase.unfinished() {
		return fmt.Errorf("fail over: a failover is under way (%s)", phase)
	}
	if !state.Synced {
		return fmt.Errorf("fail over: %w: it must be recorded in sync first", ErrNotPromotable)
	}
	if standby, ok := state.Standby(); !ok || !standby.Process.Alive() {
		return fmt.Errorf("fail over: %w: the standby does not run", ErrNotPromotable)
	}
	if err := p.begin(true); err != nil {
		return fmt.Errorf("fail over: %w", err)
	}
	p.poke()
	return nil
}

// begin decides on a failover: from here on the old primary does not serve.
func (p *Pair) begin(asked bool) error {
	now := time.Now()
	down := now
	if !p.memory.failing.IsZero() {
		down = p.memory.failing
	}
	err := p.change(func(s *State) {
		s.Failover = Failover{Phase: Fencing, Asked: asked, Down: down, Since: now}
	})
	if err != nil {
		return err
	}
	p.setReady(false)
	old, _ := p.State().server(p.State().Primary)
	if asked {
		p.tell("failover: asked for: primary %s in %s hands over", old.Name, old.Zone)
		return nil
	}
	p.tell("failover: detected: primary %s in %s has not served for %s", old.Name, old.Zone, since(down))
	return nil
}

// fence ends the old primary for good: no process of it lives, its socket is
// gone, and its folder says that it is no primary's. One that hands over may
// send the standby its last commits; one that failed is killed.
func (p *Pair) fence(ctx context.Context) error {
	state := p.State()
	old, _ := state.server(state.Primary)
	files := p.layout(old.Name)
	p.tell("failover: fencing primary %s in %s", old.Name, old.Zone)
	p.setReady(false)
	p.disconnect()
	end := sweep
	if state.Failover.Asked {
		end = stop
	}
	if err := end(ctx, p.host.Account, old.Process, files); err != nil {
		return fmt.Errorf("fence primary: %w", err)
	}
	if err := p.mark(files); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("fence primary: mark folder: %w", err)
	}
	return p.enter(Promoting)
}

func (p *Pair) enter(phase Phase) error {
	return p.change(func(s *State) { s.Failover.Phase, s.Failover.Since = phase, time.Now() })
}

// promoteTime bounds a promotion. The standby has the write-ahead log already
// and replays what is left of it.
const promoteTime = 30 * time.Second

// promote makes a primary of the standby and records it. A standby that was
// promoted before that could be recorded is recorded alone.
func (p *Pair) promote(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, promoteTime)
	defer cancel()
	state := p.State()
	standby, _ := state.Standby()
	p.tell("failover: promoting standby %s in %s", standby.Name, standby.Zone)
	conn, err := awaitReady(ctx, standby.Process, p.layout(standby.Name), state.Spec.Superuser)
	if err != nil {
		return err
	}
	p.disconnect()
	p.control = conn
	if err := p.awaitPromotion(ctx); err != nil {
		p.disconnect()
		return err
	}
	err = p.change(func(s *State) {
		old := s.Primary
		s.Primary, s.Synced = standby.Name, false
		s.Failover.Phase, s.Failover.Since = Moving, time.Now()
		for i := range s.Servers {
			if s.Servers[i].Name == old {
				s.Servers[i].Process, s.Servers[i].Stale = Process{}, true
			}
		}
	})
	if err != nil {
		return err
	}
	p.memory.failing, p.memory.unlinked, p.memory.starts = time.Time{}, time.Time{}, 0
	p.wakeIn(p.host.Timing.Address)
	return p.reload(p.State(), standby)
}

// awaitPromotion asks the standby to be a primary and waits until it is.
func (p *Pair) awaitPromotion(ctx context.Context) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for asked := false; ; asked = true {
		var recovering bool
		if err := p.control.QueryRow(ctx, "select pg_is_in_recovery()").Scan(&recovering); err != nil {
			return err
		}
		if !recovering {
			return nil
		}
		if !asked {
			if _, err := p.control.Exec(ctx, "select pg_promote(false)"); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// move leads clients to the new primary. Connections to the old one were cut
// when it was fenced.
func (p *Pair) move(ctx context.Context) error {
	if err := p.startPrimary(ctx); err != nil {
		return err
	}
	if err := p.enter(Rebuilding); err != nil {
		return err
	}
	state := p.State()
	primary, _ := state.server(state.Primary)
	p.tell("failover: endpoint moved to %s in %s", primary.Name, primary.Zone)
	p.tell("failover: accepting writes, after %s without", since(state.Failover.Down))
	return nil
}

// since is how long ago it was, as people read it.
func since(t time.Time) time.Duration { return time.Since(t).Round(10 * time.Millisecond) }

// tell is for the log that people read.
func (p *Pair) tell(format string, args ...any) {
	if p.host.Tell != nil {
		p.host.Tell(fmt.Sprintf(format, args...))
	}
}

// wakeIn has the loop look again at a time of its own.
func (p *Pair) wakeIn(d time.Duration) { time.AfterFunc(d, p.poke) }
