package balancer_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/health"
)

// firstHangs lets every client in but the first.
func firstHangs() func(net.Conn) error {
	var n atomic.Int64
	return func(net.Conn) error {
		if n.Add(1) == 1 {
			return errors.New("no rule lets it in")
		}
		return nil
	}
}

// wantSilence says something and wants neither an answer nor an end.
func wantSilence(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("connection without a way: read %d bytes, %v; want neither answer nor end", n, err)
	}
	return conn
}

func TestClientWithoutAWayHangs(t *testing.T) {
	t.Parallel()
	p := healthyPool(t, serve(t, "i-1", "a", func(http.ResponseWriter, *http.Request) {}))
	l, url := listen(t, p.Pool, func(c *balancer.ListenerConfig) { c.Allow = firstHangs() })
	wantSilence(t, l.Address())
	resp, err := http.Get(url)
	if err != nil {
		t.Fatalf("client with a way: %v", err)
	}
	resp.Body.Close()
	if got := l.Status().Requests; got != 1 {
		t.Errorf("requests: got %d, want 1: the connection that hangs was never read", got)
	}
}

func TestFlowWithoutAWayHangs(t *testing.T) {
	t.Parallel()
	p := healthyPool(t, echo(t, "i-1"))
	l := flowListener(t, p.Pool, func(c *balancer.FlowConfig) { c.Allow = firstHangs() })
	stop := run(t, l.Run)
	conn := wantSilence(t, l.Address())
	if got := connect(t, l).mustAsk(t); got != "i-1" {
		t.Errorf("client with a way: got an answer of %q, want i-1", got)
	}
	stop()
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("a connection that hangs outlives its listener")
	}
}

// The packets of a flow to a target without a way get no answer, and the client
// is told nothing.
func TestFlowToSilentTargetHangs(t *testing.T) {
	t.Parallel()
	c := poolConfig(t)
	c.DialCheck = c.Dial
	c.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, context.DeadlineExceeded }
	p := runPool(t, c, echo(t, "i-1"))
	wantSilence(t, runFlows(t, p.Pool).Address())
}

func TestChecksHaveAWayOfTheirOwn(t *testing.T) {
	t.Parallel()
	c := poolConfig(t)
	c.DialCheck, c.Dial = c.Dial, blocked
	p := runPool(t, c, serve(t, "i-1", "a", func(http.ResponseWriter, *http.Request) {}))
	p.await(t, "i-1", health.Healthy)

	c.Dial, c.DialCheck, c.Check.Timeout = c.DialCheck, blocked, 10*time.Millisecond
	p = runPool(t, c, serve(t, "i-2", "a", func(http.ResponseWriter, *http.Request) {}))
	if change := p.await(t, "i-2", health.Unhealthy); change.Reason != health.TimedOut {
		t.Errorf("check without a way: got %s, want %s", change.Reason, health.TimedOut)
	}
}
