package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/world"
)

// writesWithin is how soon writes are acknowledged again after a primary has
// failed, with detection set to two seconds.
const writesWithin = 5 * time.Second

// TestFailover takes the database's primary away in every way there is, while
// clients create fruit. It judges seconds, and so no other test runs beside it.
func TestFailover(t *testing.T) {
	for _, cloud := range []string{"aws", "azure"} {
		t.Run(cloud, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, "CLOUD="+cloud, "TIMESCALE=1", "DETECTION=2s")
			s.up()
			s.healthy(3)
			f := &failovers{stack: s, cloud: cloud, load: s.newCreates()}
			f.run(t)
		})
	}
}

// failovers are those of one stack, under one load.
type failovers struct {
	*stack
	cloud string
	load  *creates
}

func (f *failovers) run(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); f.load.run(ctx) }()
	defer func() { stop(); <-ended }()
	for _, d := range []failover{
		{"the primary is killed", "detected", writesWithin, func(db world.DatabaseStatus) {
			f.localcloud("fault", "database-primary-kill", db.Name)
		}},
		{"the primary hangs", "detected", writesWithin, func(db world.DatabaseStatus) {
			f.localcloud("fault", "database-primary-hang", db.Name, "--for", "30s")
		}},
		{"a failover is asked for", "asked for", writesWithin, func(world.DatabaseStatus) { f.localcloud("failover") }},
		{"the daemon is killed in the middle", "detected", 3 * writesWithin, f.killDaemonToo},
		{"a zone is lost, and the primary in it", "detected", writesWithin, func(db world.DatabaseStatus) {
			f.localcloud("fault", "zone-down", db.Servers[0].Zone, "--for", "20s")
		}},
	} {
		if !t.Run(d.name, func(t *testing.T) { f.in(t).hold(d) }) {
			return // what comes next would start from a broken database
		}
	}
	stop()
	<-ended
	f.balance(t)
}

// failover is one way in which the primary goes.
type failover struct {
	name, first string        // and the first of its phases
	within      time.Duration // from the fault until writes are acknowledged again
	do          func(world.DatabaseStatus)
}

func (f *failovers) in(t *testing.T) *failovers {
	part := *f
	part.stack = f.stack.in(t)
	return &part
}

// hold does something to a paired database and waits until it is paired again.
func (f *failovers) hold(d failover) {
	f.t.Helper()
	before := f.paired()
	instances := f.world().Instances
	repeats := f.load.repeats()
	from := time.Now()
	d.do(before)
	f.eventually("another primary", time.Minute, func() (bool, string) {
		db := f.world().Databases[0]
		return len(db.Servers) > 0 && db.Servers[0].Zone != before.Servers[0].Zone, fmt.Sprintf("%+v", db)
	})
	after := f.paired()
	from = f.struck(from)
	whole := time.Since(from)
	end, longest := f.load.blackout(from)
	f.t.Logf("%s, %s: writes again %.2f s after, the longest pause without one %.2f s, %d attempts repeated; a standby in sync after %.1f s; primary in %s, standby in %s",
		f.cloud, d.name, end.Seconds(), longest.Seconds(), f.load.repeats()-repeats, whole.Seconds(), after.Servers[0].Zone, after.Servers[1].Zone)
	if end > d.within {
		f.t.Errorf("%s: writes again %s after the fault, want within %s", d.name, end, d.within)
	}
	f.phases(from, d.first)
	f.sameInstances(instances, before.Servers[0].Zone)
}

// struck is when the fault began, or the failover that was asked for: the
// command takes its time before it.
func (f *failovers) struck(from time.Time) time.Time {
	f.t.Helper()
	for _, e := range f.events(from) {
		if e.Kind == "fault" || strings.Contains(e.Message, "asked for") {
			return e.Time.Add(-time.Millisecond) // so that it is one of the events since
		}
	}
	f.t.Fatalf("event log: no fault since %s", from)
	return from
}

// paired waits until the database has a standby in sync.
func (f *failovers) paired() world.DatabaseStatus {
	f.t.Helper()
	var db world.DatabaseStatus
	f.eventually("a standby in sync", time.Minute, func() (bool, string) {
		db = f.world().Databases[0]
		return db.Failover == "" && db.Outage == "" && len(db.Servers) == 2 && db.Servers[1].Sync == "sync", fmt.Sprintf("%+v", db)
	})
	return db
}

// phases fails unless the event log has those of a failover, in order.
func (f *failovers) phases(from time.Time, first string) {
	f.t.Helper()
	events := f.events(from)
	rest := events
	for _, part := range []string{first, "fencing", "promoting", "endpoint moved", "accepting writes", "being built", "in sync"} {
		i := slices.IndexFunc(rest, func(e world.Event) bool { return e.Kind == "database" && strings.Contains(e.Message, part) })
		if i < 0 {
			f.t.Errorf("event log: no %q in its place in %+v", part, events)
			return
		}
		f.t.Logf("%6.2f s  %s", rest[i].Time.Sub(from).Seconds(), rest[i].Message)
		rest = rest[i+1:]
	}
}

func (s *stack) events(from time.Time) []world.Event {
	s.t.Helper()
	file, err := os.Open(filepath.Join(s.state.Worlds(), s.world().Stack, "events.jsonl"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer file.Close()
	var found []world.Event
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var e world.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			s.t.Fatalf("event log: %v: %s", err, lines.Bytes())
		}
		if e.Time.After(from) {
			found = append(found, e)
		}
	}
	return found
}

// sameInstances fails when an instance was replaced that was not in the lost
// zone.
func (f *failovers) sameInstances(before []world.InstanceStatus, lost string) {
	f.t.Helper()
	now := f.world()
	down := slices.ContainsFunc(now.Faults, func(fault world.Fault) bool { return fault.Kind == world.ZoneDown })
	for _, b := range before {
		same := slices.ContainsFunc(now.Instances, func(i world.InstanceStatus) bool {
			return i.ID == b.ID && i.PID == b.PID && i.State == b.State
		})
		if !same && !(down && b.Zone == lost) {
			f.t.Errorf("instance %s in %s: got %+v, want it as it was", b.ID, b.Zone, now.Instances)
		}
	}
}

// killDaemonToo kills the primary, the daemon once it has noticed, and starts
// another.
func (f *failovers) killDaemonToo(db world.DatabaseStatus) {
	daemon := f.status().PID
	f.localcloud("fault", "database-primary-kill", db.Name)
	f.eventually("the primary's end", time.Minute, func() (bool, string) {
		return startTime(db.Servers[0].PID) == "" || zombie(db.Servers[0].PID), fmt.Sprint(db.Servers[0].PID)
	})
	kill(f.t, daemon)
	f.localcloud("start", "--time-scale", "1", "--database-detection", "2s")
}

func (s *stack) localcloud(args ...string) {
	s.t.Helper()
	out, err := s.command(s.t.Context(), filepath.Join(s.root, "bin/localcloud"), args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("localcloud %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// balance fails unless exactly what was acknowledged is stored, once.
func (f *failovers) balance(t *testing.T) {
	f.stack = f.stack.in(t)
	stored := f.stored()
	lost, doubled := 0, 0
	for name, a := range f.load.acknowledged {
		switch {
		case !slices.Contains(stored[name], a.location):
			lost++
		case len(stored[name]) > 1:
			doubled++
		}
	}
	unasked := len(stored) - len(f.load.acknowledged)
	t.Logf("%s: %d creates sent, %d acknowledged, %d attempts repeated; %d lost, %d doubled, %d stored that nobody was told of",
		f.cloud, f.load.sent, len(f.load.acknowledged), f.load.repeated, lost, doubled, unasked)
	if lost+doubled+unasked != 0 || len(f.load.refused) > 0 || f.load.sent != len(f.load.acknowledged) {
		t.Errorf("%s: %d of %d creates lost, %d doubled, %d unasked; refused: %v", f.cloud, lost, f.load.sent, doubled, unasked, f.load.refused)
	}
}
