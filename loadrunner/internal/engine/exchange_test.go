package engine

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/loadrunner/internal/pace"
	"orchard/loadrunner/internal/record"
)

// creates is a source of requests that are repeated, and keeps their outcomes.
type creates struct {
	attempts int
	outcomes []Outcome
}

func (*creates) Kinds() []record.Kind { return []record.Kind{{Name: "create", Write: true}} }

func (c *creates) Next(r *Request) {
	r.Bytes = append(r.Bytes, "POST / HTTP/1.1\r\nHost: target\r\nContent-Length: 0\r\n\r\n"...)
	r.Attempts = c.attempts
}

func (c *creates) Done(_ *Request, o Outcome) { c.outcomes = append(c.outcomes, o) }

const created = "HTTP/1.1 201 Created\r\nLocation: /api/v1/fruit/7/\r\nContent-Length: 0\r\n\r\n"

// TestAttempts sends one request to a target that has an answer for each attempt.
func TestAttempts(t *testing.T) {
	t.Parallel()
	const unavailable, conflict = "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 409 No\r\nContent-Length: 0\r\n\r\n"
	tests := []struct {
		name     string
		answers  []string // an empty one closes the connection, - gives none
		attempts int
		want     Outcome
		retried  uint64
	}{
		{"at once", []string{created}, 3, Outcome{Status: 201, ID: 7}, 0},
		{"unavailable first", []string{unavailable, created}, 3, Outcome{Status: 201, ID: 7, Repeated: true}, 1},
		{"cut first", []string{"", created}, 3, Outcome{Status: 201, ID: 7, Repeated: true}, 1},
		{"hangs first", []string{"-", created}, 3, Outcome{Status: 201, ID: 7, Repeated: true}, 1},
		{"unavailable throughout", []string{unavailable, unavailable, unavailable}, 3, Outcome{Status: 503, Repeated: true}, 2},
		{"cut throughout", []string{"", "", ""}, 3, Outcome{Failure: record.Cut, Repeated: true}, 2},
		{"one attempt", []string{unavailable}, 1, Outcome{Status: 503}, 0},
		{"cut at the only attempt", []string{""}, 1, Outcome{Failure: record.Cut}, 0},
		{"refused", []string{conflict}, 3, Outcome{Status: 409}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int64
			address := target(t, answering(func(conn *net.TCPConn) bool {
				switch answer := test.answers[n.Add(1)-1]; answer {
				case "":
					return false
				case "-":
					return true
				default:
					return text(answer, true)(conn)
				}
			}))
			s := &creates{attempts: test.attempts}
			c := Config{Address: address, Schedule: open(t, pace.Constant(1, time.Second)...), Connections: 1, InFlight: 1, Timeout: 1500 * time.Millisecond}
			r := send(t, t.Context(), c, s)
			if diff := cmp.Diff([]Outcome{test.want}, s.outcomes); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
			if r.Retried != test.retried || r.Scheduled != 1 || r.Missing() != 0 {
				t.Errorf("counts %+v, want 1 scheduled, %d retried", r.Counts, test.retried)
			}
		})
	}
}

// TestLargeAnswers has bodies of many reads, with a length and in chunks.
func TestLargeAnswers(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("x", 300<<10)
	for name, answer := range map[string]string{
		"length": fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body),
		"chunks": fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body),
	} {
		c := Config{
			Address: target(t, answering(text(answer, true))), Schedule: open(t, pace.Constant(200, 300*time.Millisecond)...),
			Connections: 2, InFlight: 4, Timeout: 5 * time.Second,
		}
		if r := send(t, t.Context(), c, NewGet("target", "/")); r.Answered != 60 {
			t.Errorf("%s: %+v, %v, want 60 answered", name, r.Counts, r.Failures)
		}
	}
}

func TestConnectionLife(t *testing.T) {
	t.Parallel()
	var connections atomic.Int64
	address := target(t, func(conn *net.TCPConn) {
		connections.Add(1)
		answering(text(ok, true))(conn)
	})
	c := Config{
		Address: address, Schedule: open(t, pace.Constant(500, time.Second)...), Connections: 2, InFlight: 10,
		Timeout: 5 * time.Second, ConnectionLife: 100 * time.Millisecond,
	}
	r := send(t, t.Context(), c, NewGet("target", "/"))
	if n := connections.Load(); r.Answered != 500 || n < 8 {
		t.Errorf("%d answered over %d connections, want 500 over at least 8", r.Answered, n)
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	var r Request
	NewGet("a:1", "/x?y").Next(&r)
	if !bytes.HasPrefix(r.Bytes, []byte("GET /x?y HTTP/1.1\r\nHost: a:1\r\n")) || !bytes.HasSuffix(r.Bytes, []byte("\r\n\r\n")) {
		t.Errorf("the request is %q", r.Bytes)
	}
}
