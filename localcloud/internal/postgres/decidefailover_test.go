package postgres

import (
	"testing"
	"time"
)

var midday = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// failedPair has a standby in sync and a primary that has just been found dead.
func failedPair() observation {
	return observation{
		ready: true, wanted: true, exists: true, standbyAlive: true, synced: true,
		failing: midday, timing: Timing{Detection: time.Minute, Address: 5 * time.Second},
	}
}

func TestDecideFailed(t *testing.T) {
	t.Parallel()
	detected := midday.Add(time.Minute)
	for name, test := range map[string]struct {
		now  time.Time
		edit func(*observation)
		want action
		out  bool // an outage that is to be told
	}{
		"dead, not yet detected":   {detected.Add(-1), func(*observation) {}, nothing, false},
		"dead":                     {detected, func(*observation) {}, beginFailover, false},
		"hangs, not yet detected":  {detected.Add(-1), func(o *observation) { o.primaryAlive = true }, nothing, false},
		"hangs":                    {detected, func(o *observation) { o.primaryAlive = true }, beginFailover, false},
		"dead again in a failover": {detected, func(o *observation) { o.phase, o.synced = Rebuilding, false }, restartPrimary, true},
		"both dead":                {midday, func(o *observation) { o.standbyAlive = false }, restartPrimary, true},
		"both dead, one zone down": {midday, func(o *observation) { o.standbyAlive, o.primaryStays = false, true }, launchStandby, true},
		"both zones down": {detected, func(o *observation) {
			o.standbyAlive, o.primaryStays, o.standbyStays = false, true, true
		}, nothing, true},
		"hangs, standby dead":           {midday, func(o *observation) { o.primaryAlive, o.standbyAlive = true, false }, launchStandby, true},
		"standby misses commits":        {detected, func(o *observation) { o.synced = false }, restartPrimary, true},
		"the same, its zone down":       {detected, func(o *observation) { o.synced, o.primaryStays = false, true }, nothing, true},
		"hangs, standby misses commits": {detected, func(o *observation) { o.primaryAlive, o.synced = true, false }, nothing, true},
		"standby's folder is gone":      {detected, func(o *observation) { o.hollow = true }, restartPrimary, true},
		"starts":                        {midday, func(o *observation) { o.primaryAlive, o.ready, o.synced = true, false, false }, restartPrimary, true},
		"single":                        {midday, func(o *observation) { *o = observation{failing: midday} }, restartPrimary, true},
	} {
		o := failedPair()
		test.edit(&o)
		if got := decide(o, test.now); got != test.want {
			t.Errorf("primary %s: got %q, want %q", name, got, test.want)
		}
		if got := outage(o); (got != "") != test.out {
			t.Errorf("primary %s: got outage %q, want one: %t", name, got, test.out)
		}
	}
}

func TestDecideFailover(t *testing.T) {
	t.Parallel()
	moved := midday.Add(5 * time.Second)
	for name, test := range map[string]struct {
		now  time.Time
		edit func(*observation)
		want action
		out  bool
	}{
		"fencing":                      {midday, func(o *observation) { o.phase = Fencing }, fencePrimary, false},
		"fencing, primary back":        {midday, func(o *observation) { o.phase, o.primaryAlive, o.answered = Fencing, true, true }, fencePrimary, false},
		"promoting":                    {midday, func(o *observation) { o.phase = Promoting }, promoteStandby, false},
		"promoting, standby dead":      {midday, func(o *observation) { o.phase, o.standbyAlive = Promoting, false }, launchStandby, true},
		"promoting, standby lost":      {midday, func(o *observation) { o.phase, o.standbyAlive, o.standbyStays = Promoting, false, true }, nothing, true},
		"promoted, clients do not see": {moved.Add(-1), func(o *observation) { o.phase, o.primaryAlive = Moving, true }, nothing, false},
		"promoted":                     {moved, func(o *observation) { o.phase, o.primaryAlive = Moving, true }, moveEndpoint, false},
		"promoted, and dead":           {moved, func(o *observation) { o.phase = Moving }, moveEndpoint, false},
		"promoted, and lost":           {moved, func(o *observation) { o.phase, o.primaryStays = Moving, true }, nothing, true},
	} {
		o := failedPair()
		o.entered = midday
		test.edit(&o)
		if got := decide(o, test.now); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
		if got := outage(o); (got != "") != test.out {
			t.Errorf("%s: got outage %q, want one: %t", name, got, test.out)
		}
	}
}

func TestZoneFor(t *testing.T) {
	t.Parallel()
	spec := Spec{Zones: []string{"one", "two", "three"}}
	for _, test := range []struct {
		primary, last, barred, want string
	}{
		{"one", "", "", "two"},
		{"two", "one", "", "one"},
		{"two", "one", "one", "three"},
		{"one", "two", "two", "three"},
		{"one", "one", "", "two"},
	} {
		got := spec.zoneFor(test.primary, test.last, func(zone string) bool { return zone == test.barred })
		if got != test.want {
			t.Errorf("zone for a standby of a primary in %s, last in %q, zone %q down: got %q, want %q", test.primary, test.last, test.barred, got, test.want)
		}
	}
	if got := (Spec{Zones: []string{"one", "two"}}).zoneFor("one", "two", func(zone string) bool { return zone == "two" }); got != "" {
		t.Errorf("zone for a standby when the only other is down: got %q, want none", got)
	}
}
