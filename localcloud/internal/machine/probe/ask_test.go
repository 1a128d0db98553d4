package probe_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/machine/probe"
)

// answering starts a server and returns p with its port.
func answering(t *testing.T, p probe.Probe, h http.HandlerFunc) probe.Probe {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if p.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	return p
}

func ask(t *testing.T, p probe.Probe) probe.Result {
	t.Helper()
	asker, err := probe.NewAsker(p, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	return asker.Ask()
}

func TestAskJudgesAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		status     int
		body       string
		rich, flat probe.State
	}{
		{"healthy", 200, `{"ApplicationHealthState":"Healthy","more":1}`, probe.Healthy, probe.Healthy},
		{"unhealthy", 200, `{"ApplicationHealthState":"Unhealthy"}`, probe.Unhealthy, probe.Healthy},
		{"another 2xx", 202, `{"ApplicationHealthState":"Healthy"}`, probe.Healthy, probe.Unhealthy},
		{"unhealthy by status", 503, `{"ApplicationHealthState":"Unhealthy"}`, probe.Unknown, probe.Unhealthy},
		{"redirection", 302, ``, probe.Unknown, probe.Unhealthy},
		{"another word", 200, `{"ApplicationHealthState":"healthy"}`, probe.Unknown, probe.Healthy},
		{"no word", 200, `{"ApplicationHealthState":1}`, probe.Unknown, probe.Healthy},
		{"no field", 200, `{}`, probe.Unknown, probe.Healthy},
		{"no object", 200, `ok`, probe.Unknown, probe.Healthy},
		{"too long", 200, `{"a":"` + strings.Repeat("a", 64<<10) + `","ApplicationHealthState":"Healthy"}`, probe.Unknown, probe.Healthy},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			handler := func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/livez" || !strings.HasPrefix(r.Host, "localhost:") {
					http.NotFound(w, r)
					return
				}
				w.Header().Set("Location", "/livez")
				w.WriteHeader(tt.status)
				fmt.Fprint(w, tt.body)
			}
			if got := ask(t, answering(t, rich(1, 0), handler)); got.State != tt.rich {
				t.Errorf("with a rule for the body: got %+v, want %s", got, tt.rich)
			}
			if got := ask(t, answering(t, binary(1), handler)); got.State != tt.flat {
				t.Errorf("without: got %+v, want %s", got, tt.flat)
			}
		})
	}
}

// The certificate is the service's, and names neither localhost nor a signer
// that the machine trusts.
func TestAskInTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"ApplicationHealthState":"Healthy"}`)
	}))
	t.Cleanup(server.Close)
	p := rich(1, 0)
	p.Port = server.Listener.Addr().(*net.TCPAddr).Port
	if got := ask(t, p); got.State != probe.Unknown {
		t.Errorf("plain question to a service that speaks TLS: got %+v, want Unknown", got)
	}
	p.Scheme = "https"
	if got := ask(t, p); got.State != probe.Healthy {
		t.Errorf("question in TLS: got %+v, want Healthy", got)
	}
}

func TestAskWithoutAnswer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0") // shakes hands and says nothing, as a hung machine
	if err != nil {
		t.Fatal(err)
	}
	p := rich(1, 0)
	p.Port, p.Timeout = listener.Addr().(*net.TCPAddr).Port, 50*time.Millisecond
	if got, want := ask(t, p), (probe.Result{State: probe.Unknown, Detail: "no answer within 50ms"}); got != want {
		t.Errorf("silent service: got %+v, want %+v", got, want)
	}
	listener.Close()
	if got := ask(t, p); got.State != probe.Unknown || !strings.Contains(got.Detail, "refused") {
		t.Errorf("no service: got %+v, want Unknown, refused", got)
	}
}
