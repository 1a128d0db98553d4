package machine_test

import (
	"testing"
	"time"

	"orchard/localcloud/internal/machine"
)

// until reads the state after each change until it satisfies.
func until(t *testing.T, h *machine.Handle, changes <-chan struct{}, what string, holds func(machine.State) bool) {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		state, err := h.Status()
		if err != nil {
			t.Fatal(err)
		}
		if holds(state) {
			return
		}
		select {
		case <-changes:
		case <-limit:
			t.Fatalf("not told within 20 s: %s; state: %+v", what, state)
		}
	}
}

func TestChangesTellWithoutPolling(t *testing.T) {
	t.Parallel()
	s := spec(t, gated)
	s.Health = selfCheck()
	h := start(t, s)
	changes, err := h.Changes()
	if err != nil {
		t.Fatal(err)
	}
	second, err := h.Changes()
	if err != nil {
		t.Fatal(err)
	}
	open(t, s)
	until(t, h, changes, "the user-data ends", func(s machine.State) bool { return s.Phase == machine.Running })
	until(t, h, changes, "it is healthy", func(s machine.State) bool { return s.Health != nil && s.Health.State == machine.Healthy })
	mustGet(t, s.Address, "/feel?health=Unhealthy")
	until(t, h, changes, "it is unhealthy", func(s machine.State) bool { return s.Health.State == machine.Unhealthy })
	select {
	case <-second:
	default:
		t.Error("the second channel was never told")
	}
}

func TestChangesRefuseAFolderThatIsGone(t *testing.T) {
	t.Parallel()
	h := start(t, spec(t, "#!/bin/bash\n"))
	booted(t, h)
	if err := h.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := machine.Remove(h.Record); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Changes(); err == nil {
		t.Error("watching a folder that is gone: got no error")
	}
}
