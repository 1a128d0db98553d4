package postgres

import (
	"testing"
	"time"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	healthy := observation{
		primaryAlive: true, ready: true, answered: true, wanted: true, exists: true, standbyAlive: true,
		synced: true, named: true, streaming: true, inSync: true,
	}
	for name, test := range map[string]struct {
		edit func(*observation)
		want action
	}{
		"healthy":                      {func(*observation) {}, nothing},
		"primary dead":                 {func(o *observation) { o.primaryAlive, o.answered = false, false }, restartPrimary},
		"start was given up":           {func(o *observation) { o.ready = false }, restartPrimary},
		"both dead":                    {func(o *observation) { o.primaryAlive, o.standbyAlive = false, false }, restartPrimary},
		"standby dead":                 {func(o *observation) { o.standbyAlive, o.streaming = false, false }, suspendSync},
		"standby dead, primary silent": {func(o *observation) { o.standbyAlive, o.answered, o.named = false, false, false }, suspendSync},
		"primary silent":               {func(o *observation) { o.answered, o.named, o.streaming = false, false, false }, nothing},
		"link just lost":               {func(o *observation) { o.streaming, o.unlinked = false, now.Add(-linkTime+1) }, nothing},
		"link lost":                    {func(o *observation) { o.streaming, o.unlinked = false, now.Add(-linkTime) }, suspendSync},
		"recorded, not named":          {func(o *observation) { o.standbyAlive, o.named = false, false }, suspendSync},
		"suspended":                    {func(o *observation) { o.standbyAlive, o.named, o.synced = false, false, false }, launchStandby},
		"starts in vain":               {func(o *observation) { o.standbyAlive, o.named, o.synced, o.starts = false, false, false, maxStarts }, buildStandby},
		"no folder":                    {func(o *observation) { o.standbyAlive, o.named, o.synced, o.hollow = false, false, false, true }, buildStandby},
		"slot lost":                    {func(o *observation) { o.slotLost, o.named, o.synced = true, false, false }, buildStandby},
		"waiting for stream": {func(o *observation) {
			o.streaming, o.named, o.synced, o.unlinked = false, false, false, now.Add(-patience+1)
		}, nothing},
		"patience over": {func(o *observation) {
			o.streaming, o.named, o.synced, o.unlinked = false, false, false, now.Add(-patience)
		}, buildStandby},
		"streams":                   {func(o *observation) { o.named, o.inSync, o.synced = false, false, false }, requireSync},
		"named, not yet in sync":    {func(o *observation) { o.inSync, o.synced = false, false }, nothing},
		"in sync":                   {func(o *observation) { o.synced = false }, recordSync},
		"other settings":            {func(o *observation) { o.outdated = true }, restartStandby},
		"new standby":               {func(o *observation) { *o = observation{primaryAlive: true, ready: true, answered: true, wanted: true} }, buildStandby},
		"not wanted":                {func(o *observation) { o.wanted = false }, suspendSync},
		"not wanted, suspended":     {func(o *observation) { o.wanted, o.named, o.synced = false, false, false }, removeStandby},
		"single":                    {func(o *observation) { *o = observation{primaryAlive: true, ready: true, answered: true} }, nothing},
		"single, name left over":    {func(o *observation) { *o = observation{primaryAlive: true, ready: true, answered: true, named: true} }, suspendSync},
		"not wanted, primary quiet": {func(o *observation) { o.wanted, o.named, o.synced, o.answered = false, false, false, false }, nothing},
	} {
		o := healthy
		test.edit(&o)
		if got := decide(o, now); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
