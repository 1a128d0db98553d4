package balancer_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/health"
)

// A check in TLS is answered by a target that speaks it, whoever signed its
// certificate, and by no other.
func TestCheckInTLS(t *testing.T) {
	t.Parallel()
	matcher, err := health.ParseMatcher("200")
	if err != nil {
		t.Fatal(err)
	}
	answer := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	plain, secure := httptest.NewServer(answer), httptest.NewTLSServer(answer)
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	for _, c := range []struct {
		name   string
		target net.Addr
		tls    bool
		want   health.Reason
	}{
		{"both in TLS", secure.Listener.Addr(), true, ""},
		{"both plain", plain.Listener.Addr(), false, ""},
		{"a plain target", plain.Listener.Addr(), true, health.BadAnswer},
		{"a plain check", secure.Listener.Addr(), false, health.StatusMismatch},
	} {
		check := balancer.Check{TLS: c.tls, Path: "/livez", Interval: time.Second, Timeout: patience, Matcher: matcher}
		if got := check.Probe(t.Context(), new(net.Dialer).DialContext, c.target.String()); got.Reason != c.want {
			t.Errorf("%s: got %+v, want reason %q", c.name, got, c.want)
		}
	}
}
