package postgres

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
)

// A daemon that dies in the middle of a failover, at any phase, just before or
// just after the phase is on disk, leaves it to the next one.
func TestFailoverAdopted(t *testing.T) {
	t.Parallel()
	for _, phase := range []Phase{Fencing, Promoting, Moving, Rebuilding} {
		for name, written := range map[string]bool{"unwritten": false, "written": true} {
			t.Run(string(phase)+" "+name, func(t *testing.T) {
				t.Parallel()
				adoptAt(t, phase, written)
			})
		}
	}
}

func adoptAt(t *testing.T, phase Phase, written bool) {
	m := newMachine(t)
	ctx, die := context.WithCancel(context.Background())
	m.Save = func(s State) error {
		if ctx.Err() != nil || s.Failover.Phase == phase && !written {
			die()
			return errors.New("the daemon is dead")
		}
		if s.Failover.Phase == phase {
			defer die()
		}
		return m.save(s)
	}
	var current atomic.Pointer[Pair]
	first := create(t, m, newSpec(t, true))
	current.Store(first)
	execute(t, session(t, first, "master"), "create table t (n int primary key)")
	w := write(t, open(t, func() (string, <-chan struct{}, error) { return current.Load().Primary() }, nil))
	eventually(t, "a write is acknowledged", func() bool {
		return scan[bool](t, session(t, first, "master"), "select exists (select from t)")
	})
	if err := first.Kill(t.Context(), first.State().Primary); err != nil {
		t.Fatal(err)
	}
	if err := first.Run(ctx); err != nil { // until it dies
		t.Fatal(err)
	}

	var log told
	next := Host{Install: m.Install, Account: m.Account, Save: m.save, Tell: log.tell, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	second, err := Adopt(t.Context(), next, m.load(t))
	if err != nil {
		t.Fatal(err)
	}
	current.Store(second)
	run(t, second)
	eventually(t, "the standby has taken over, and has a standby", func() bool {
		state := second.State()
		return state.Primary == "b" && state.Synced && state.Failover == Failover{}
	})
	holds(t, second, w.end())
	onePrimary(t, second)
}

// The next daemon finds a primary that hangs, and is not held up by it.
func TestAdoptHung(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	first := create(t, m, newSpec(t, true))
	execute(t, session(t, first, "master"), "create table t as select generate_series(0, 99) as n")
	if err := first.Hang("a"); err != nil {
		t.Fatal(err)
	}
	second, err := Adopt(t.Context(), m.Host, m.load(t))
	if err != nil {
		t.Fatal(err)
	}
	run(t, second)
	eventually(t, "the standby takes over", func() bool { return second.State().Primary == "b" && second.State().Synced })
	holds(t, second, 100)
	onePrimary(t, second)
}
