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
		"healthy":                  {func(*observation) {}, nothing},
		"runs, not taken over yet": {func(o *observation) { o.ready = false }, restartPrimary},
		"standby dead":             {func(o *observation) { o.standbyAlive, o.streaming = false, false }, suspendSync},
		"link just lost":           {func(o *observation) { o.streaming, o.unlinked = false, now.Add(-linkTime+1) }, nothing},
		"link lost":                {func(o *observation) { o.streaming, o.unlinked = false, now.Add(-linkTime) }, suspendSync},
		"recorded, not named":      {func(o *observation) { o.standbyAlive, o.named = false, false }, suspendSync},
		"suspended":                {func(o *observation) { o.standbyAlive, o.named, o.synced = false, false, false }, launchStandby},
		"starts in vain":           {func(o *observation) { o.standbyAlive, o.named, o.synced, o.starts = false, false, false, maxStarts }, buildStandby},
		"no folder":                {func(o *observation) { o.standbyAlive, o.named, o.synced, o.hollow = false, false, false, true }, buildStandby},
		"slot lost":                {func(o *observation) { o.slotLost = true }, suspendSync},
		"slot lost, suspended":     {func(o *observation) { o.slotLost, o.named, o.synced = true, false, false }, buildStandby},
		"no zone left":             {func(o *observation) { o.hollow, o.named, o.synced, o.homeless = true, false, false, true }, nothing},
		"standby dead, its zone down": {func(o *observation) {
			o.standbyAlive, o.standbyStays, o.named, o.synced = false, true, false, false
		}, buildStandby},
		"standby hangs, its zone down": {func(o *observation) {
			o.streaming, o.standbyStays, o.named, o.synced, o.unlinked = false, true, false, false, now.Add(-linkTime)
		}, buildStandby},
		"a failover's standby in sync": {func(o *observation) { o.phase, o.synced = Rebuilding, false }, recordSync},
		"waiting for stream": {func(o *observation) {
			o.streaming, o.named, o.synced, o.unlinked = false, false, false, now.Add(-patience+1)
		}, nothing},
		"patience over": {func(o *observation) {
			o.streaming, o.named, o.synced, o.unlinked = false, false, false, now.Add(-patience)
		}, buildStandby},
		"streams":                {func(o *observation) { o.named, o.inSync, o.synced = false, false, false }, requireSync},
		"named, not yet in sync": {func(o *observation) { o.inSync, o.synced = false, false }, nothing},
		"in sync":                {func(o *observation) { o.synced = false }, recordSync},
		"other settings":         {func(o *observation) { o.outdated = true }, restartStandby},
		"new standby":            {func(o *observation) { *o = observation{primaryAlive: true, ready: true, answered: true, wanted: true} }, buildStandby},
		"not wanted":             {func(o *observation) { o.wanted = false }, suspendSync},
		"not wanted, suspended":  {func(o *observation) { o.wanted, o.named, o.synced = false, false, false }, removeStandby},
		"single":                 {func(o *observation) { *o = observation{primaryAlive: true, ready: true, answered: true} }, nothing},
		"single, name left over": {func(o *observation) { *o = observation{primaryAlive: true, ready: true, answered: true, named: true} }, suspendSync},
	} {
		o := healthy
		test.edit(&o)
		if got := decide(o, now); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
