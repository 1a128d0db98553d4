package world

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestInjectRefuses(t *testing.T) {
	t.Parallel()
	w := grouped(t, Group{}, "a4")
	for _, tt := range []struct {
		kind, target string
		lasting      time.Duration
		want         string
	}{
		{"rain", "a", time.Minute, `there is no fault "rain"`},
		{"", "a", time.Minute, `there is no fault ""`},
		{ZoneDown, "d", time.Minute, `stack test has no zone "d": its zones are [a b c]`},
		{ZoneDown, "a", time.Millisecond, "a fault lasts from 1s to 1h0m0s, not 1ms"},
		{ZoneDown, "a", 2 * time.Hour, "a fault lasts from 1s to 1h0m0s, not 2h0m0s"},
		{InstanceHang, "b4", time.Minute, "stack test has no running instance \"b4\": `localcloud status` lists them"},
		{AdminDown, "a4", time.Minute, "the load balancers of stack test have no admin state: it is for those that pass connections on"},
	} {
		if _, err := w.Inject(tt.kind, tt.target, tt.lasting); err == nil || err.Error() != tt.want {
			t.Errorf("fault %q of %q for %s: got %v, want %s", tt.kind, tt.target, tt.lasting, err, tt.want)
		}
	}
	if _, err := w.Inject("aws:ec2:stop-instances", "a", time.Minute); err != nil {
		t.Errorf("a fault by its action's name: got %v", err)
	}
	if _, err := w.Inject(ZoneDown, "a", time.Minute); err == nil {
		t.Error("the same fault again: got no error")
	}
}

func TestFaultsOutliveTheDaemonAndEnd(t *testing.T) {
	t.Parallel()
	folder := worldFolder(t)
	w := openWorld(t, folder)
	w.declared.Zones = []string{"a", "b"}
	f, err := w.Inject(ZoneHang, "a", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Inject(LaunchFailures, "b", time.Hour); err != nil {
		t.Fatal(err)
	}

	again := openWorld(t, folder) // what a killed daemon leaves
	if got := again.cannotLaunch(); len(got) != 2 || got["a"] != "the zone is down" || got["b"] != "insufficient capacity" {
		t.Errorf("zones that cannot launch: got %v", got)
	}
	again.planFaults(f.Until.Add(-time.Nanosecond))
	if !again.inForce(ZoneHang, "a") {
		t.Error("a moment before its end: want the fault in force")
	}
	again.planFaults(f.Until)
	if again.inForce(ZoneHang, "a") || !again.inForce(LaunchFailures, "b") {
		t.Errorf("at its end: got %+v, want the other fault alone", again.state.Faults)
	}
	if err := again.Revert(f.ID); err == nil {
		t.Error("end a fault that has ended: got no error")
	}
	if err := again.Revert("all"); err != nil || len(again.state.Faults) != 0 {
		t.Errorf("end all: got %v, %+v left", err, again.state.Faults)
	}
}

func TestPacketsIntoADownZoneGoNowhere(t *testing.T) {
	t.Parallel()
	w := grouped(t, Group{}, "a4")
	if _, err := w.Inject(ZoneDown, "a", time.Minute); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := w.dialer(lead{balancer: "b"})(ctx, "tcp", "127.1.1.4:1")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("dial: got %v, want it to hang until its context ends", err)
	}
}

func TestLostInstances(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		replaces bool
		zoneDown bool
		after    time.Duration
		state    string
		desired  int
	}{
		{"a group that replaces: the plan's affair", true, false, time.Minute, "in service", 2},
		{"another: not noticed yet", false, false, 2 * time.Second, "in service", 2},
		{"another: deleted, and one less is wanted", false, false, 3 * time.Second, "terminating", 1},
		{"another, the zone is down: waits for it", false, true, 0, "stopped", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := grouped(t, Group{ReplacesLost: tt.replaces}, "a4", "b4")
			if tt.zoneDown {
				if _, err := w.Inject(ZoneDown, "a", time.Hour); err != nil {
					t.Fatal(err)
				}
			}
			w.actual.gone["a4"] = noon
			w.planLost(noon.Add(tt.after)) // 30 s at time scale 10
			if got := w.states("a4", "b4"); got != tt.state+", in service" || w.state.Desired["g"] != tt.desired {
				t.Errorf("%s after its end: got %s, desired %d, want %s, desired %d", tt.after, got, w.state.Desired["g"], tt.state, tt.desired)
			}
		})
	}
}

func TestStoppedInstanceComesBackWithItsZone(t *testing.T) {
	t.Parallel()
	w := grouped(t, Group{}, "a4")
	w.state.Instances["a4"].State = Stopped
	w.actual.gone["a4"] = noon
	if steps := w.planLost(noon); len(steps) != 1 || w.states("a4") != "pending" || w.gone("a4") {
		t.Errorf("the zone is back: got %d steps, %s, gone %t, want it booting", len(steps), w.states("a4"), w.gone("a4"))
	}
}
