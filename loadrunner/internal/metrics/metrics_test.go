package metrics

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"orchard/loadrunner/internal/record"
)

func TestServe(t *testing.T) {
	t.Parallel()
	m := New()
	for range 2 {
		w := &record.Window{
			Counts: record.Counts{Scheduled: 10, Answered: 7, Errors: 1, Late: 1, Dropped: 1}, Response: record.NewHistogram(),
			Statuses: map[int]uint64{200: 6, 503: 1}, Failures: map[string]uint64{"timeout": 1},
		}
		w.Response.Add(2 * time.Millisecond)
		m.Window(w)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	stop, err := m.Serve(address)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	resp, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"loadrunner_scheduled_total 20", `loadrunner_requests_total{outcome="answered"} 14`, `loadrunner_requests_total{outcome="late"} 2`,
		`loadrunner_answers_total{status="503"} 2`, `loadrunner_errors_total{class="timeout"} 2`, `loadrunner_response_seconds{quantile="0.99"} 0.002`,
	} {
		if !strings.Contains(string(text), want+"\n") {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
}

func TestServeIsForLoopback(t *testing.T) {
	t.Parallel()
	if stop, err := New().Serve("0.0.0.0:0"); err == nil {
		stop()
		t.Error("metrics are served to everyone")
	}
}
