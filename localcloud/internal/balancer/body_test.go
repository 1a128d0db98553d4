package balancer_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/health"
)

func TestCheckBody(t *testing.T) {
	t.Parallel()
	matcher, err := health.ParseMatcher("200-299")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		status int
		body   string
		want   health.Reason
	}{
		"well":       {200, `{"State":"Well","since":3}`, ""},
		"other 2xx":  {204 - 1, `{"State":"Well"}`, ""},
		"not well":   {200, `{"State":"Ill"}`, health.BodyMismatch},
		"absent":     {200, `{}`, health.BodyMismatch},
		"no text":    {200, `{"State":true}`, health.BodyMismatch},
		"no object":  {200, `"Well"`, health.BodyMismatch},
		"empty":      {200, ``, health.BodyMismatch},
		"bad status": {503, `{"State":"Well"}`, health.StatusMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := serveAll(t, "i-1", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			}))
			check := balancer.Check{
				Path: "/livez", Interval: time.Second, Timeout: patience, Matcher: matcher,
				Body: balancer.BodyRule{Field: "State", Value: "Well"},
			}
			got := check.Probe(context.Background(), new(net.Dialer).DialContext, target.Address)
			if got.Reason != c.want || got.Passed != (c.want == "") {
				t.Errorf("status %d, body %s: got %+v, want reason %q", c.status, c.body, got, c.want)
			}
		})
	}
}
