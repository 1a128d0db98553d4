package balancer_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/balancer"
)

// held is a target that says when a request for /held has come, and lets it
// wait until the test ends.
func held(t testing.TB, id, zone string) (balancer.Target, chan struct{}) {
	t.Helper()
	arrived, finish := make(chan struct{}, 100), make(chan struct{})
	target := adopted(serve(t, id, zone, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/held" {
			arrived <- struct{}{}
			<-finish
		}
		io.WriteString(w, id)
	}))
	t.Cleanup(func() { close(finish) })
	return target, arrived
}

func TestLeastOutstandingAsksTheLeastBusy(t *testing.T) {
	t.Parallel()
	one, oneHas := held(t, "one", "a")
	two, twoHas := held(t, "two", "b")
	c := poolConfig(t)
	c.Algorithm, c.Drain = balancer.LeastOutstanding, 0
	p := runPool(t, c, one, two)
	_, url := listen(t, p.Pool)
	hold := func(path string) {
		go func() {
			if resp, err := do(t, http.MethodGet, url+path, nil); err == nil {
				resp.Body.Close()
			}
		}()
	}
	hold("/held")
	busy, idle := "one", "two"
	select {
	case <-oneHas:
	case <-twoHas:
		busy, idle = idle, busy
	case <-time.After(patience):
		t.Fatal("no target got the request")
	}
	if got := bodies(t, url, 6); got != strings.TrimSpace(strings.Repeat(idle+" ", 6)) {
		t.Errorf("6 requests while %s has one in flight: got %s, want all at %s", busy, got, idle)
	}
	hold("/held")
	select {
	case <-map[string]chan struct{}{"one": oneHas, "two": twoHas}[idle]:
	case <-time.After(patience):
		t.Fatalf("a second request did not come to %s, which has none in flight", idle)
	}
	if got := bodies(t, url, 6); got != "one one one two two two" {
		t.Errorf("6 requests while both have one in flight: got %s, want them in turn", got)
	}
	p.SetTargets([]balancer.Target{one})
	if got := bodies(t, url, 2); got != "one one" {
		t.Errorf("with the other taken away: got %s, want the one that is left", got)
	}
}

func TestAlgorithmAndZonesAreValidated(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(*balancer.PoolConfig){
		"algorithm is 7":     func(c *balancer.PoolConfig) { c.Algorithm = 7 },
		"zones are isolated": func(c *balancer.PoolConfig) { c.ZoneIsolated = true },
	} {
		c := poolConfig(t)
		spoil(&c)
		if _, err := balancer.NewPool(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error that says %q", err, want)
		}
	}
}
