package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
)

// A daemon that dies in the middle of a failover, at any phase, just before or
// just after the phase is on disk, leaves it to the next one.
func TestFailoverAdopted(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	var current atomic.Pointer[Pair]
	current.Store(create(t, m, newSpec(t, true)))
	execute(t, session(t, current.Load(), "master"), "create table t (n int primary key)")
	w := write(t, open(t, func() (string, <-chan struct{}, error) { return current.Load().Primary() }, nil))
	for _, phase := range []Phase{Fencing, Promoting, Moving, Rebuilding} {
		for _, written := range []bool{false, true} {
			before := m.load(t).Primary
			dieAt(t, m, &current, phase, written)
			finish(t, m, &current, fmt.Sprintf("after a death at %s, written: %t", phase, written), before)
			onePrimary(t, current.Load())
		}
	}
	holds(t, current.Load(), w.end())
}

// dieAt takes the database over, kills the primary, and dies when the failover
// reaches the phase: after it was saved, or instead of saving it.
func dieAt(t *testing.T, m *machine, current *atomic.Pointer[Pair], phase Phase, written bool) {
	t.Helper()
	ctx, die := context.WithCancel(context.Background())
	defer die()
	mortal := m.Host
	mortal.Save = func(s State) error {
		reached := s.Failover.Phase == phase
		if ctx.Err() != nil || reached && !written {
			die()
			return errors.New("the daemon is dead")
		}
		if reached {
			defer die()
		}
		return m.save(s)
	}
	pair := adopt(t, mortal, m.load(t), current)
	if err := pair.Kill(t.Context(), pair.State().Primary); err != nil {
		t.Fatal(err)
	}
	if err := pair.Run(ctx); err != nil {
		t.Fatal(err)
	}
}

// finish takes the database over and goes on until it is paired again, the
// other way round.
func finish(t *testing.T, m *machine, current *atomic.Pointer[Pair], when, before string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	pair := adopt(t, m.Host, m.load(t), current)
	ended := make(chan error, 1)
	go func() { ended <- pair.Run(ctx) }()
	eventually(t, "a failover that is over, "+when, func() bool {
		state := pair.State()
		return state.Primary != before && state.Synced && state.Failover == Failover{}
	})
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func adopt(t *testing.T, host Host, state State, current *atomic.Pointer[Pair]) *Pair {
	t.Helper()
	pair, err := Adopt(t.Context(), host, state)
	if err != nil {
		t.Fatal(err)
	}
	current.Store(pair)
	return pair
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
