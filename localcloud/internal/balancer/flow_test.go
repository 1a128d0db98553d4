package balancer_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/health"
)

// flowListener serves the pool's targets by connection.
func flowListener(t testing.TB, p *balancer.Pool, change ...func(*balancer.FlowConfig)) *balancer.FlowListener {
	t.Helper()
	c := balancer.FlowConfig{
		Address: "127.0.0.9:0", Pool: p, IdleTimeout: time.Minute, Reset: true, DrainTimeout: patience, Logger: quiet,
	}
	for _, f := range change {
		f(&c)
	}
	l, err := balancer.ListenFlows(c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func runFlows(t testing.TB, p *balancer.Pool, change ...func(*balancer.FlowConfig)) *balancer.FlowListener {
	t.Helper()
	l := flowListener(t, p, change...)
	run(t, l.Run)
	return l
}

// echo is a target that says its name and then what it is told, line by line.
func echo(t testing.TB, id string) balancer.Target {
	t.Helper()
	return raw(t, id, func(conn net.Conn) {
		lines := bufio.NewReader(conn)
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			io.WriteString(conn, id+" "+line)
		}
	})
}

// healthyPool has targets that stay healthy, because they are never checked
// a second time.
func healthyPool(t testing.TB, targets ...balancer.Target) pool {
	t.Helper()
	c := poolConfig(t)
	c.Check.Interval, c.Check.Unhealthy, c.Drain = time.Hour, 100, 0
	return runPool(t, c, targets...)
}

type client struct {
	*net.TCPConn
	lines *bufio.Reader
}

func connect(t testing.TB, l *balancer.FlowListener) client {
	t.Helper()
	conn, err := net.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return client{conn.(*net.TCPConn), bufio.NewReader(conn)}
}

// ask says a line and answers who replied; the error is what ended the flow.
func (c client) ask() (string, error) {
	if _, err := io.WriteString(c, "hello\n"); err != nil {
		return "", err
	}
	line, err := c.lines.ReadString('\n')
	return strings.TrimSuffix(line, " hello\n"), err
}

func (c client) mustAsk(t testing.TB) string {
	t.Helper()
	who, err := c.ask()
	if err != nil {
		t.Fatalf("ask: %v", err)
	}
	return who
}

// wantReset reads until the flow ends, which must be by a reset.
func (c client) wantReset(t testing.TB) {
	t.Helper()
	if line, err := c.lines.ReadString('\n'); !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("read: got %q, %v; want a connection reset", line, err)
	}
}

// wantRefused connects, and is reset: at once or after the handshake.
func wantRefused(t testing.TB, l *balancer.FlowListener) {
	t.Helper()
	conn, err := net.Dial("tcp", l.Address())
	if err == nil {
		defer conn.Close()
		if err = conn.SetDeadline(time.Now().Add(patience)); err == nil {
			_, err = conn.Read(make([]byte, 1))
		}
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("new connection: got %v, want a reset", err)
	}
}

func TestFlowsSpreadAndStay(t *testing.T) {
	t.Parallel()
	p := healthyPool(t, echo(t, "i-1"), echo(t, "i-2"), echo(t, "i-3"))
	l := runFlows(t, p.Pool)
	got := map[string]int{}
	for range 90 {
		c := connect(t, l)
		first, again := c.mustAsk(t), c.mustAsk(t)
		if first != again {
			t.Errorf("one connection: got answers of %s and %s, want one target", first, again)
		}
		got[first]++
		c.Close()
	}
	// 90 fair draws leave a third of 30 to a target once in a million runs.
	if len(got) != 3 || min(got["i-1"], got["i-2"], got["i-3"]) < 10 {
		t.Errorf("90 connections: got %v, want them spread over three targets", got)
	}
	status := p.Status()
	if n := status.Total.Flows; n != 90 {
		t.Errorf("flows of the pool: got %d, want 90", n)
	}
	for _, target := range status.Targets {
		if want := uint64(got[target.Target.ID]); target.Counters.Flows != want {
			t.Errorf("flows of %s: got %d, want %d", target.Target.ID, target.Counters.Flows, want)
		}
	}
}

func TestFlowPassesHalfClose(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	p := healthyPool(t, raw(t, "i-1", func(conn net.Conn) {
		n, _ := io.Copy(io.Discard, conn) // until the client has finished, not closed
		conn.Write(make([]byte, n))
	}))
	l := flowListener(t, p.Pool)
	stop := run(t, l.Run)
	c := connect(t, l)
	go func() {
		c.Write(make([]byte, size))
		c.CloseWrite()
	}()
	if n, err := io.Copy(io.Discard, c); err != nil || n != size {
		t.Errorf("after half-close: got %d bytes, %v; want %d", n, err, size)
	}
	c.Close()
	stop()
	want := balancer.FlowStatus{Flows: 1, In: size, Out: size}
	if diff := cmp.Diff(want, l.Status()); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}

func TestFlowOutlivesFailedCheck(t *testing.T) {
	t.Parallel()
	var sick atomic.Bool
	answer := func(id string, fails *atomic.Bool) balancer.Target {
		return raw(t, id, func(conn net.Conn) {
			lines := bufio.NewReader(conn)
			for {
				line, err := lines.ReadString('\n')
				switch {
				case err != nil:
					return
				case strings.HasPrefix(line, "GET"):
					if fails == nil || !fails.Load() {
						io.WriteString(conn, answerOK)
					}
					return
				}
				io.WriteString(conn, id+" "+line)
			}
		})
	}
	one := answer("i-1", &sick)
	c := poolConfig(t)
	p := runPool(t, c, one)
	l := runFlows(t, p.Pool)
	old := connect(t, l)
	old.mustAsk(t)
	two := answer("i-2", nil)
	p.SetTargets([]balancer.Target{one, two})
	sick.Store(true)
	p.await(t, "i-1", health.Unhealthy)
	if got := old.mustAsk(t); got != "i-1" {
		t.Errorf("open flow: got an answer of %s, want i-1, which it began with", got)
	}
	for range 20 {
		if got := connect(t, l).mustAsk(t); got != "i-2" {
			t.Errorf("new flow: got an answer of %s, want i-2, which is healthy", got)
		}
	}
}

func TestFlowsWithNoHealthyTarget(t *testing.T) {
	t.Parallel()
	for name, failOpen := range map[string]bool{"fail open": true, "refuse": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := echo(t, "i-1")
			target.Last = health.Unhealthy
			c := poolConfig(t)
			c.Check.Interval, c.FailOpen = time.Hour, failOpen
			p := runPool(t, c, target)
			l := runFlows(t, p.Pool)
			if failOpen {
				if got := connect(t, l).mustAsk(t); got != "i-1" {
					t.Errorf("got an answer of %s, want i-1", got)
				}
				return
			}
			wantRefused(t, l)
			if n := l.Status().Refused; n != 1 {
				t.Errorf("refused: got %d, want 1", n)
			}
		})
	}
}

func TestFlowToDeadTargetIsReset(t *testing.T) {
	t.Parallel()
	socket, err := net.Listen("tcp", "127.0.1.5:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := balancer.Target{ID: "i-1", Zone: "a", Address: socket.Addr().String(), Last: health.Healthy}
	socket.Close()
	p := healthyPool(t, dead)
	l := runFlows(t, p.Pool)
	wantRefused(t, l)
	if n := l.Status().Failed; n != 1 {
		t.Errorf("failed: got %d, want 1", n)
	}
}

func TestFlowIdleTimeout(t *testing.T) {
	t.Parallel()
	const idle = 300 * time.Millisecond
	for name, resets := range map[string]bool{"reset": true, "silent": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := healthyPool(t, echo(t, "i-1"))
			l := runFlows(t, p.Pool, func(c *balancer.FlowConfig) { c.IdleTimeout, c.Reset, c.DrainTimeout = idle, resets, 0 })
			c := connect(t, l)
			for begin := time.Now(); time.Since(begin) < 3*idle; {
				c.mustAsk(t) // a flow that is used lives
			}
			if resets {
				c.wantReset(t)
			} else {
				for l.Status().Idle == 0 && !t.Failed() {
					c.idleYet(t)
				}
				if _, err := c.ask(); !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("ask on a silent flow: got %v, want no answer at all", err)
				}
			}
			if s := l.Status(); s.Idle != 1 || s.Open != 0 {
				t.Errorf("status: got %d idle, %d open; want 1 and 0", s.Idle, s.Open)
			}
		})
	}
}

// idleYet waits a little, and fails when the flow is ended in a way that the
// client can see.
func (c client) idleYet(t *testing.T) {
	t.Helper()
	if err := c.SetDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.lines.ReadByte(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("flow without reset: got %v, want silence", err)
	}
}

// The keep-alive packets of a client are packets: they keep a flow, as they
// do on a balancer that sees packets.
func TestFlowKeptByKeepAlive(t *testing.T) {
	t.Parallel()
	p := healthyPool(t, echo(t, "i-1"))
	l := runFlows(t, p.Pool, func(c *balancer.FlowConfig) { c.IdleTimeout = 1500 * time.Millisecond })
	c := connect(t, l)
	if err := c.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second}); err != nil {
		t.Fatal(err)
	}
	c.mustAsk(t)
	if err := c.SetReadDeadline(time.Now().Add(4 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.lines.ReadByte(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("quiet flow with keep-alive: got %v, want it open", err)
	}
}

func TestFlowsOfRemovedTargetAreCut(t *testing.T) {
	t.Parallel()
	p := healthyPool(t, echo(t, "i-1"))
	l := runFlows(t, p.Pool)
	c := connect(t, l)
	c.mustAsk(t)
	p.SetTargets(nil)
	c.wantReset(t)
	p.await(t, "i-1", health.Unused)
}

func TestFlowListenerEnds(t *testing.T) {
	t.Parallel()
	p := healthyPool(t, echo(t, "i-1"))
	l := flowListener(t, p.Pool, func(c *balancer.FlowConfig) { c.DrainTimeout = 0 })
	stop := run(t, l.Run)
	c := connect(t, l)
	c.mustAsk(t)
	stop()
	c.wantReset(t)
	if _, err := net.Dial("tcp", l.Address()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dial after the end: got %v, want a refusal", err)
	}
}

func TestListenFlowsRefuses(t *testing.T) {
	t.Parallel()
	p, err := balancer.NewPool(poolConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	good := balancer.FlowConfig{Address: "127.0.0.9:0", Pool: p, IdleTimeout: time.Minute, Logger: quiet}
	for want, spoil := range map[string]func(*balancer.FlowConfig){
		"not a loopback address": func(c *balancer.FlowConfig) { c.Address = "0.0.0.0:0" },
		"pool or logger":         func(c *balancer.FlowConfig) { c.Pool = nil },
		"idle timeout":           func(c *balancer.FlowConfig) { c.IdleTimeout = 0 },
	} {
		c := good
		spoil(&c)
		if _, err := balancer.ListenFlows(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("listen: got %v, want %q", err, want)
		}
	}
}
