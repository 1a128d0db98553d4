package balancer_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/health"
)

// isolated is a running pool of two zones that are isolated from each other.
func isolated(t *testing.T, failOpen bool, targets ...balancer.Target) (pool, string) {
	t.Helper()
	c := poolConfig(t)
	c.Check.Interval, c.FailOpen = time.Hour, failOpen
	c.ZoneIsolated, c.Zones = true, []string{"a", "b"}
	p := runPool(t, c)
	_, url := listen(t, p.Pool)
	p.SetTargets(targets)
	for slices.ContainsFunc(p.Status().Targets, func(s balancer.TargetStatus) bool { return s.Health.State == health.Unused }) {
		<-p.changes
	}
	return p, url
}

// ill makes a target that is unhealthy and stays so.
func ill(t *testing.T, id, zone string) balancer.Target {
	t.Helper()
	target := serveChecked(t, id, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	target.Zone, target.Last = zone, health.Unhealthy
	return target
}

// Each request of bodies and get has a connection of its own, so they meet the
// zones' nodes in turn.

func TestIsolatedZonesShareClientsEqually(t *testing.T) {
	t.Parallel()
	_, url := isolated(t, true, adopted(serve(t, "a1", "a", named("a1"))),
		adopted(serve(t, "b1", "b", named("b1"))), adopted(serve(t, "b2", "b", named("b2"))), adopted(serve(t, "b3", "b", named("b3"))))
	if got := bodies(t, url, 12); got != "a1 a1 a1 a1 a1 a1 b1 b1 b2 b2 b3 b3" {
		t.Errorf("12 clients over one target in zone a, three in b: got %s, want half in each zone", got)
	}
}

func TestClientStaysWithItsZone(t *testing.T) {
	t.Parallel()
	_, url := isolated(t, true, adopted(serve(t, "a1", "a", named("a"))), adopted(serve(t, "b1", "b", named("b"))))
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	var got strings.Builder
	for range 4 {
		resp, err := client.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		got.WriteString(read(t, resp))
	}
	if s := got.String(); s != "aaaa" && s != "bbbb" {
		t.Errorf("4 requests on one connection: got zones %s, want one zone", s)
	}
}

func TestIsolatedZoneWithoutTargetAnswers503(t *testing.T) {
	t.Parallel()
	p, url := isolated(t, true, adopted(serve(t, "a1", "a", named("a1"))))
	got := map[int]int{}
	for range 6 {
		status, _ := get(t, url)
		got[status]++
	}
	if got[200] != 3 || got[503] != 3 {
		t.Errorf("6 clients, no target in zone b: got statuses %v, want half 503", got)
	}
	if n := p.Status().Total.Requests; n != 3 {
		t.Errorf("requests that came to a target: got %d, want 3", n)
	}
}

func TestIsolatedZonesFailOpenForThemselves(t *testing.T) {
	t.Parallel()
	_, url := isolated(t, true, ill(t, "a1", "a"), adopted(serve(t, "b1", "b", named("b1"))), ill(t, "b2", "b"))
	if got := bodies(t, url, 4); got != "a1 a1 b1 b1" {
		t.Errorf("all unhealthy in zone a, one of two in b: got %s, want a to fail open, b to lead to its healthy one", got)
	}
}

func TestIsolatedZoneThatDoesNotFailOpenAnswers503(t *testing.T) {
	t.Parallel()
	_, url := isolated(t, false, ill(t, "a1", "a"), adopted(serve(t, "b1", "b", named("b1"))))
	got := map[int]int{}
	for range 6 {
		status, _ := get(t, url)
		got[status]++
	}
	if got[200] != 3 || got[503] != 3 {
		t.Errorf("6 clients, none healthy in zone a: got statuses %v, want half 503", got)
	}
}
