package machine_test

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/machine"
	"orchard/localcloud/internal/machine/proc"
)

// burners lists the processes that make load, the dead that nobody has waited
// for among them.
func burners(t *testing.T, h *machine.Handle) []proc.Stat {
	t.Helper()
	all, err := proc.All()
	if err != nil {
		t.Fatal(err)
	}
	return proc.Descendants(all, h.Record.PID)
}

func idle(t *testing.T) *machine.Handle {
	t.Helper()
	h := start(t, spec(t, "#!/bin/bash\n"))
	booted(t, h)
	eventually(t, "only init is left", func() bool { return len(burners(t, h)) == 0 })
	return h
}

func TestStressUsesTheProcessorUntilItIsEnded(t *testing.T) {
	t.Parallel()
	h := idle(t)
	if err := h.Unstress(); err != nil {
		t.Errorf("end of no stress: got %v", err)
	}
	if err := h.Stress(0.5, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := h.Stress(1, time.Minute); err != nil { // in place of the first
		t.Fatal(err)
	}
	found := burners(t, h)
	if len(found) != 1 {
		t.Fatalf("processes that make load: got %d, want 1", len(found))
	}
	if id, _ := proc.Env(found[0].PID, "LOCALCLOUD_INSTANCE"); id != h.Record.ID {
		t.Errorf("instance in its environment: got %q, want %q", id, h.Record.ID)
	}
	before := usage(t, h)
	eventually(t, "the instance uses the processor", func() bool { return usage(t, h) >= before+200*time.Millisecond })
	if err := h.Unstress(); err != nil {
		t.Fatal(err)
	}
	if found := burners(t, h); len(found) > 0 {
		t.Errorf("processes after the end: got %+v, want none", found)
	}
	if after := usage(t, h); after < before+200*time.Millisecond {
		t.Errorf("usage after the end: got %s, want what was used before it, %s and more", after, before+200*time.Millisecond)
	}
}

func TestStressEndsByItself(t *testing.T) {
	t.Parallel()
	h := idle(t)
	if err := h.Stress(0.1, 50*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the load has ended", func() bool { return len(burners(t, h)) == 0 })
	if err := h.Unstress(); err != nil {
		t.Errorf("end of a stress that has ended: got %v", err)
	}
}

func TestHangAndKillReachAStress(t *testing.T) {
	t.Parallel()
	h := idle(t)
	if err := h.Stress(0.2, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := h.Hang(); err != nil {
		t.Fatal(err)
	}
	if stopped, running := states(t, h); stopped != 2 || running > 0 {
		t.Errorf("hung with a stress: got %d stopped, %d running, want 2 and none", stopped, running)
	}
	if err := h.Stress(0.2, time.Minute); err == nil || !strings.Contains(err.Error(), "hangs") {
		t.Errorf("stress of a hung instance: got %v, want a refusal", err)
	}
	load := burners(t, h)[0].PID
	if err := h.Kill(); err != nil {
		t.Fatal(err)
	}
	if alive(load) {
		t.Error("the load is alive after Kill")
	}
}

func TestStressRefusesTooMuch(t *testing.T) {
	t.Parallel()
	h := idle(t)
	for _, tt := range []struct {
		cores   float64
		lasting time.Duration
		want    string
	}{
		{0, time.Minute, "0 cores"},
		{float64(runtime.NumCPU()) + 0.1, time.Minute, "at most the machine's"},
		{1, 0, "time of 0s"},
		{1, 2 * time.Hour, "at most 1h"},
	} {
		if err := h.Stress(tt.cores, tt.lasting); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("stress of %g cores for %s: got %v, want an error with %q", tt.cores, tt.lasting, err, tt.want)
		}
	}
}

func TestStressIsForTheOperatorOnly(t *testing.T) {
	t.Parallel()
	s, other := spec(t, service), spec(t, "#!/bin/bash\n")
	booted(t, start(t, s))
	booted(t, start(t, other))
	control := func(s machine.Spec) string { return filepath.Join(s.Dir, "run/control.sock") }
	if got := mustGet(t, s.Address, "/stress?control="+control(s)); !strings.Contains(got, "Unknown command verb stress") {
		t.Errorf("stress asked for from inside: got %q, want a refusal", got)
	}
	// Another instance's init closes the connection, whether that is noticed in writing or in reading.
	if got := mustGet(t, s.Address, "/stress?control="+control(other)); !strings.HasPrefix(got, "0  ") || strings.HasSuffix(got, "<nil>") {
		t.Errorf("stress asked for by another instance: got %q, want no answer", got)
	}
}
