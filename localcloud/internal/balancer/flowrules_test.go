package balancer_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/health"
)

// The rules of a layer 4 load balancer, a test for each that flow_test.go
// does not hold. Source: Azure Load Balancer, health probes and
// administrative state.

// probed is a target for flows that answers checks too, unless it is sick.
func probed(t testing.TB, id, zone string, sick *atomic.Bool) balancer.Target {
	t.Helper()
	target := raw(t, id, func(conn net.Conn) {
		lines := bufio.NewReader(conn)
		for {
			line, err := lines.ReadString('\n')
			switch {
			case err != nil:
				return
			case strings.HasPrefix(line, "GET"):
				if !sick.Load() {
					io.WriteString(conn, answerOK)
				}
				return
			}
			io.WriteString(conn, id+" "+line)
		}
	})
	target.Zone = zone
	return target
}

// awaitAll waits until n targets are healthy.
func (p pool) awaitAll(t testing.TB, n int) {
	t.Helper()
	for deadline := time.After(patience); len(healthy(p)) != n; {
		select {
		case <-p.changes:
		case <-deadline:
			t.Fatalf("healthy targets: got %v, want %d", healthy(p), n)
		}
	}
}

func TestFlowsGoOnWhenAllOfSeveralAreDown(t *testing.T) {
	t.Parallel()
	var sick atomic.Bool
	c := poolConfig(t)
	c.FailOpen, c.CutLone = false, true
	p := runPool(t, c, probed(t, "i-1", "a", &sick), probed(t, "i-2", "b", &sick))
	p.awaitAll(t, 2)
	l := runFlows(t, p.Pool)
	old := connect(t, l)
	old.mustAsk(t)
	sick.Store(true)
	for len(unhealthy(p)) < 2 {
		<-p.changes
	}
	wantRefused(t, l)
	old.mustAsk(t)
}

func TestFlowsOfTheOnlyTargetEndWhenItIsDown(t *testing.T) {
	t.Parallel()
	var sick atomic.Bool
	c := poolConfig(t)
	c.FailOpen, c.CutLone = false, true
	p := runPool(t, c, probed(t, "i-1", "a", &sick))
	p.awaitAll(t, 1)
	l := runFlows(t, p.Pool)
	old := connect(t, l)
	old.mustAsk(t)
	sick.Store(true)
	p.await(t, "i-1", health.Unhealthy)
	old.wantReset(t)
	wantRefused(t, l)
	sick.Store(false)
	p.await(t, "i-1", health.Healthy)
	connect(t, l).mustAsk(t)
}

func TestAllProbedUpLeadsToAllAndCutsNone(t *testing.T) {
	t.Parallel()
	var sick atomic.Bool
	c := poolConfig(t)
	c.FailOpen, c.CutLone = true, true
	p := runPool(t, c, probed(t, "i-1", "a", &sick))
	p.awaitAll(t, 1)
	l := runFlows(t, p.Pool)
	old := connect(t, l)
	old.mustAsk(t)
	sick.Store(true)
	p.await(t, "i-1", health.Unhealthy)
	old.mustAsk(t)
	connect(t, l).mustAsk(t)
}

func TestAdminDownKeepsFlowsAndRefusesNewOnes(t *testing.T) {
	t.Parallel()
	var sick atomic.Bool
	one, two := probed(t, "i-1", "a", &sick), probed(t, "i-2", "a", &sick)
	c := poolConfig(t)
	p := runPool(t, c, one)
	p.awaitAll(t, 1)
	l := runFlows(t, p.Pool)
	old := connect(t, l)
	old.mustAsk(t)
	one.Admin = balancer.AdminDown
	p.SetTargets([]balancer.Target{one})
	wantRefused(t, l) // by fail open neither
	two.Last = health.Healthy
	p.SetTargets([]balancer.Target{one, two})
	p.awaitAll(t, 2)
	for range 10 {
		if got := connect(t, l).mustAsk(t); got != "i-2" {
			t.Errorf("new flow while i-1 is administratively down: got %s, want i-2", got)
		}
	}
	if got := old.mustAsk(t); got != "i-1" {
		t.Errorf("established flow: got an answer of %s, want i-1", got)
	}
	if n := len(p.Status().Targets); n != 2 {
		t.Errorf("targets: got %d, want 2: a change of the administrative state makes no new target", n)
	}
}

func TestAdminUpTakesFlowsWhateverTheProbeSays(t *testing.T) {
	t.Parallel()
	var sick, well atomic.Bool
	sick.Store(true)
	up, fit := probed(t, "i-1", "a", &sick), probed(t, "i-2", "a", &well)
	up.Admin = balancer.AdminUp
	p := runPool(t, poolConfig(t), up, fit)
	l := runFlows(t, p.Pool)
	for len(healthy(p)) != 1 || len(unhealthy(p)) != 1 {
		<-p.changes
	}
	got := map[string]bool{}
	for range 64 { // all at one of two is once in 2^63 runs
		got[connect(t, l).mustAsk(t)] = true
	}
	if !got["i-1"] || !got["i-2"] {
		t.Errorf("new flows: got %v, want them at both", got)
	}
}

func TestFlowsOfARemovedTargetGoOnForTheDrain(t *testing.T) {
	t.Parallel()
	const drain = 200 * time.Millisecond
	c := poolConfig(t)
	c.Check.Interval, c.Drain = time.Hour, drain
	p := runPool(t, c, echo(t, "i-1"))
	l := runFlows(t, p.Pool)
	flow := connect(t, l)
	flow.mustAsk(t)
	begin := time.Now()
	p.SetTargets(nil)
	flow.mustAsk(t)
	flow.wantReset(t)
	if took := time.Since(begin); took < drain {
		t.Errorf("the flow was cut after %s, want %s at least", took, drain)
	}
}

func TestFlowsMeetIsolatedZonesInTurn(t *testing.T) {
	t.Parallel()
	var well atomic.Bool
	c := poolConfig(t)
	c.ZoneIsolated, c.Zones = true, []string{"a", "b"}
	p := runPool(t, c, probed(t, "a1", "a", &well), probed(t, "b1", "b", &well), probed(t, "b2", "b", &well), probed(t, "b3", "b", &well))
	l := runFlows(t, p.Pool)
	p.awaitAll(t, 4)
	got := map[string]int{}
	for range 20 {
		got[connect(t, l).mustAsk(t)[:1]]++
	}
	if got["a"] != 10 || got["b"] != 10 {
		t.Errorf("20 flows over one target in zone a and three in b: got %v, want half in each zone", got)
	}
}
