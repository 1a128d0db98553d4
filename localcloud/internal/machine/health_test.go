package machine_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"orchard/localcloud/internal/machine"
)

// gated is the service, whose user-data waits until the test opens the gate.
const gated = "#!/bin/bash\nmkfifo $DESTDIR/gate\nread < $DESTDIR/gate\n" + service

func open(t *testing.T, s machine.Spec) {
	t.Helper()
	gate := filepath.Join(s.Dir, "root/gate")
	eventually(t, "the gate is there", func() bool {
		_, err := os.Stat(gate)
		return err == nil
	})
	if err := os.WriteFile(gate, []byte("open\n"), 0); err != nil { // waits for the reader
		t.Fatal(err)
	}
}

// selfCheck is a fast probe of the test's own service.
func selfCheck() *machine.HealthProbe {
	return &machine.HealthProbe{
		Scheme: "http", Path: "/livez", Port: 8080, Interval: 50 * time.Millisecond, Timeout: 50 * time.Millisecond,
		Probes: 2, Grace: time.Minute, Accept: "200-299",
		BodyField: "ApplicationHealthState", BodyHealthy: "Healthy", BodyUnhealthy: "Unhealthy",
	}
}

// feels waits until an instance reports a state, and reports at all.
func feels(t *testing.T, h *machine.Handle, want machine.HealthState) machine.Health {
	t.Helper()
	var health machine.Health
	eventually(t, "the instance reports "+string(want), func() bool {
		var fresh bool
		var err error
		if health, fresh, err = h.Health(time.Now()); err != nil {
			t.Fatal(err)
		}
		return fresh && health.State == want
	})
	return health
}

func TestInstanceReportsItsHealth(t *testing.T) {
	t.Parallel()
	s := spec(t, gated)
	s.Health = selfCheck()
	h := start(t, s)
	first := feels(t, h, machine.Initializing) // the user-data waits
	open(t, s)
	booted(t, h)
	healthy := feels(t, h, machine.Healthy)
	if healthy.Since.Before(first.Since) || healthy.Every != s.Health.Interval {
		t.Errorf("health: got %+v after %+v, want a later change and a report every %s", healthy, first, s.Health.Interval)
	}
	mustGet(t, s.Address, "/feel?health=Unhealthy")
	feels(t, h, machine.Unhealthy)
	mustGet(t, s.Address, "/feel?health=Confused")
	feels(t, h, machine.Unknown)

	// What changed while nobody held on to the instance is known all the same.
	mustGet(t, s.Address, "/feel?health=Healthy")
	again, err := machine.Adopt(h.Record)
	if err != nil {
		t.Fatal(err)
	}
	feels(t, again, machine.Healthy)
}

func TestBinaryHealthBeginsWithTheFirstResult(t *testing.T) {
	t.Parallel()
	s := spec(t, gated)
	s.Health = selfCheck()
	s.Health.Accept, s.Health.Grace = "200", 0
	s.Health.BodyField, s.Health.BodyHealthy, s.Health.BodyUnhealthy = "", "", ""
	h := start(t, s)
	feels(t, h, machine.Unhealthy) // nothing listens yet
	open(t, s)
	booted(t, h)
	feels(t, h, machine.Healthy)
}

func TestWithoutAProbeThereIsNoHealth(t *testing.T) {
	t.Parallel()
	h := start(t, spec(t, "#!/bin/bash\n"))
	booted(t, h)
	if health, fresh, err := h.Health(time.Now()); err != nil || fresh || health != (machine.Health{}) {
		t.Errorf("health: got %+v, %t, %v; want none", health, fresh, err)
	}
}
