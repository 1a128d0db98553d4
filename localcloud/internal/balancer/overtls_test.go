package balancer_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/health"
)

// secureTarget answers over TLS with a certificate that nobody has signed, and
// counts its connections.
func secureTarget(t *testing.T, connections *atomic.Int32) balancer.Target {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Proto+" "+r.Header.Get("X-Forwarded-Proto"))
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	return balancer.Target{ID: "i-1", Zone: "a", Address: s.Listener.Addr().String()}
}

// TestOverTLS: requests and checks are encrypted, by HTTP/1.1, and a
// connection serves one request after the other.
func TestOverTLS(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	c := poolConfig(t)
	c.Dial = balancer.OverTLS(c.Dial)
	c.Check.Interval = patience // one check, and one connection for it
	p := runPool(t, c, secureTarget(t, &connections))
	p.await(t, "i-1", health.Healthy)
	_, url := listen(t, p.Pool)
	for range 3 {
		answer, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if got := string(body); got != "HTTP/1.1 http" {
			t.Errorf("got the answer %q, want the target's own by HTTP/1.1", got)
		}
	}
	if got := connections.Load(); got != 2 {
		t.Errorf("got %d connections to the target, want 2: one of the check, one of all requests", got)
	}
}

// TestOverTLSToPlain: a target that speaks plain HTTP is unhealthy, and who
// is led to it all the same gets 502.
func TestOverTLSToPlain(t *testing.T) {
	t.Parallel()
	c := poolConfig(t)
	c.Dial = balancer.OverTLS(c.Dial)
	p := runPool(t, c, serve(t, "i-1", "a", func(http.ResponseWriter, *http.Request) {}))
	p.await(t, "i-1", health.Unhealthy)
	_, url := listen(t, p.Pool)
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusBadGateway {
		t.Errorf("got %s, want 502", answer.Status)
	}
}
