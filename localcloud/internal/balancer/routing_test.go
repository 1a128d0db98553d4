package balancer_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/health"
)

func TestRoundRobinOverZones(t *testing.T) {
	t.Parallel()
	p := runPool(t, poolConfig(t),
		serve(t, "i-1", "a", named("a1")), serve(t, "i-2", "a", named("a2")),
		serve(t, "i-3", "b", named("b1")), serve(t, "i-4", "c", named("c1")))
	for len(healthy(p)) < 4 {
		<-p.changes
	}
	_, url := listen(t, p.Pool)
	if got := bodies(t, url, 8); got != "a1 a1 a2 a2 b1 b1 c1 c1" {
		t.Errorf("8 requests over 4 targets: got %s, want each twice", got)
	}
	var order []string
	for range 4 {
		_, body := get(t, url)
		order = append(order, body[:1])
	}
	twice := strings.Join(append(order, order...), "")
	if !strings.Contains(twice, "abc") {
		t.Errorf("zones in order of requests: got %v, want neighbours in different zones", order)
	}
}

func healthy(p pool) []string {
	var ids []string
	for _, s := range p.Status().Targets {
		if s.Health.State == health.Healthy {
			ids = append(ids, s.Target.ID)
		}
	}
	return ids
}

func TestRoutesAroundTheUnhealthyAndBack(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	sick := serveChecked(t, "sick", func(w http.ResponseWriter, _ *http.Request) {
		if broken.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	p := runPool(t, poolConfig(t), serve(t, "well", "a", named("well")), sick)
	_, url := listen(t, p.Pool)
	p.await(t, "sick", health.Healthy)

	broken.Store(true)
	change := p.await(t, "sick", health.Unhealthy)
	if change.From != health.Healthy || change.Reason != health.StatusMismatch || change.Detail != "status 503, want 200" || change.At.IsZero() {
		t.Errorf("change: got %+v, want the reason and the time", change)
	}
	if got := bodies(t, url, 4); got != "well well well well" {
		t.Errorf("with one unhealthy: got %s, want only well", got)
	}
	broken.Store(false)
	p.await(t, "sick", health.Healthy)
	if got := bodies(t, url, 4); got != "sick sick well well" {
		t.Errorf("with both healthy again: got %s, want each twice", got)
	}
}

// serveChecked is a target with a handler of its own for checks, which
// answers its ID to everything else.
func serveChecked(t testing.TB, id string, livez http.HandlerFunc) balancer.Target {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/livez", livez)
	mux.HandleFunc("/", named(id))
	return serveAll(t, id, mux)
}

func TestFailOpen(t *testing.T) {
	t.Parallel()
	bad := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }
	one, two := serveChecked(t, "one", bad), serveChecked(t, "two", bad)
	c := poolConfig(t)
	p := runPool(t, c, one, two)
	p.await(t, "one", health.Unhealthy)
	l, url := listen(t, p.Pool)
	for len(unhealthy(p)) < 2 {
		<-p.changes
	}
	if got := bodies(t, url, 4); got != "one one two two" {
		t.Errorf("all unhealthy: got %s, want every target", got)
	}
	c.FailOpen = false
	if err := p.Configure(c); err != nil {
		t.Fatal(err)
	}
	if status, _ := get(t, url); status != http.StatusServiceUnavailable {
		t.Errorf("all unhealthy, fail open off: got %d, want 503", status)
	}
	if own := l.Status().Own; own[503] != 1 {
		t.Errorf("own answers: got %v, want one 503", own)
	}
}

func unhealthy(p pool) []string {
	var ids []string
	for _, s := range p.Status().Targets {
		if s.Health.State == health.Unhealthy {
			ids = append(ids, s.Target.ID)
		}
	}
	return ids
}

func TestInitialTargetsGetRequestsOnlyIfNoneIsHealthy(t *testing.T) {
	t.Parallel()
	c := poolConfig(t)
	block := make(chan struct{})
	slow := serveChecked(t, "new", func(http.ResponseWriter, *http.Request) { <-block })
	t.Cleanup(func() { close(block) })
	p := runPool(t, c, slow)
	_, url := listen(t, p.Pool)
	if got := bodies(t, url, 1); got != "new" {
		t.Errorf("an initial target alone: got %s, want it asked", got)
	}
	p.SetTargets([]balancer.Target{slow, serve(t, "old", "a", named("old"))})
	p.await(t, "old", health.Healthy)
	if got := bodies(t, url, 3); got != "old old old" {
		t.Errorf("an initial beside a healthy target: got %s, want only the healthy one", got)
	}
}

func TestNoTargets(t *testing.T) {
	t.Parallel()
	p := runPool(t, poolConfig(t))
	_, url := listen(t, p.Pool)
	resp, err := do(t, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n</body>\r\n</html>\r\n"
	if body := read(t, resp); resp.StatusCode != 503 || body != want || resp.Header.Get("Server") != "lb/1" || resp.Header.Get("Content-Type") != "text/html" {
		t.Errorf("no registered target: got %d, header %v, body %q", resp.StatusCode, resp.Header, body)
	}
}

func TestAdoptedTargetsGetRequestsAtOnce(t *testing.T) {
	t.Parallel()
	c := poolConfig(t)
	block := make(chan struct{})
	livez := func(http.ResponseWriter, *http.Request) { <-block }
	known, fresh := serveChecked(t, "known", livez), serveChecked(t, "fresh", livez)
	t.Cleanup(func() { close(block) })
	known.Last = health.Healthy
	p := runPool(t, c, known, fresh)
	_, url := listen(t, p.Pool)
	if got := bodies(t, url, 3); got != "known known known" {
		t.Errorf("before any check has ended: got %s, want the adopted healthy target", got)
	}
}

func TestUnusedUntilThePoolRuns(t *testing.T) {
	t.Parallel()
	var checks atomic.Int64
	target := serveChecked(t, "i-1", func(http.ResponseWriter, *http.Request) { checks.Add(1) })
	c := poolConfig(t)
	changes := make(chan balancer.Change, 100)
	c.OnChange = func(change balancer.Change) { changes <- change }
	p, err := balancer.NewPool(c)
	if err != nil {
		t.Fatal(err)
	}
	p.SetTargets([]balancer.Target{target})
	if got := p.Status().Targets[0].Health; got.State != health.Unused || got.Reason != health.NoUse {
		t.Errorf("before the pool runs: got %+v, want unused", got)
	}
	if checks.Load() != 0 {
		t.Error("a target was checked before the pool ran")
	}
	run(t, p.Run)
	for _, want := range []health.State{health.Unused, health.Initial, health.Healthy} {
		if got := <-changes; got.To != want {
			t.Errorf("changes: got %+v, want one to %s", got, want)
		}
	}
}

func TestConfigurationIsRefusedWhole(t *testing.T) {
	t.Parallel()
	_, err := balancer.NewPool(balancer.PoolConfig{Drain: -1, Check: balancer.Check{Path: "livez", Port: -1}})
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{"initial successes", "healthy threshold", "unhealthy threshold", `path is "livez"`, "port is -1", "interval", "timeout", "matcher", "drain", "dial"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want it to name %s", err, want)
		}
	}
}

func TestCounters(t *testing.T) {
	t.Parallel()
	target := serve(t, "i-1", "a", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/missing" {
			w.WriteHeader(http.StatusNotFound)
		}
	})
	gone := balancer.Target{ID: "gone", Zone: "b", Address: "127.0.1.6:1", Last: health.Healthy}
	c := poolConfig(t)
	c.Check.Interval = time.Hour
	p := runPool(t, c, target)
	p.await(t, "i-1", health.Healthy)
	l, url := listen(t, p.Pool)
	get(t, url)
	get(t, url)
	get(t, url+"/missing")
	p.SetTargets([]balancer.Target{gone})
	p.await(t, "i-1", health.Unused)
	get(t, url)

	s := p.Status()
	if s.Total.Requests != 4 || s.Total.Status[2] != 2 || s.Total.Status[4] != 1 || s.Total.Errors != 1 || s.Total.ResponseTime <= 0 || s.InFlight != 0 {
		t.Errorf("total: got %+v, want 4 requests: two 2xx, one 4xx, one error", s.Total)
	}
	if len(s.Targets) != 1 || s.Targets[0].Counters.Requests != 1 || s.Targets[0].Counters.Errors != 1 {
		t.Errorf("targets: got %+v, want one request, one error at the second", s.Targets)
	}
	if ls := l.Status(); ls.Requests != 4 || ls.Own[502] != 1 || ls.InFlight != 0 {
		t.Errorf("listener: got %+v, want 4 requests, one 502", ls)
	}
}
