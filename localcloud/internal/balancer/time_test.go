package balancer_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/health"
)

// piped dials a function over a pipe, so that the clock of a synctest bubble
// rules the connection too.
func piped(answer func(net.Conn)) balancer.DialFunc {
	return func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer there.Close()
			answer(there)
		}()
		return here, nil
	}
}

func blocked(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, context.Cause(ctx)
}

const answerOK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

func TestChecksKeepTheirInterval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var mu sync.Mutex // each connection is a goroutine of its own
		var asked []time.Duration
		var request *http.Request
		c := poolConfig(t)
		c.Check.Interval, c.Check.Timeout, c.Check.Port = 30*time.Second, 5*time.Second, 81
		c.Dial = piped(func(conn net.Conn) {
			mu.Lock()
			request, _ = http.ReadRequest(bufio.NewReader(conn))
			asked = append(asked, time.Since(begin))
			mu.Unlock()
			time.Sleep(3 * time.Second) // of the bubble's clock: the target is slow
			io.WriteString(conn, answerOK)
		})
		runPool(t, c, balancer.Target{ID: "i-1", Address: "127.9.1.4:8080"})
		time.Sleep(65 * time.Second)
		synctest.Wait()
		want := []time.Duration{0, 30 * time.Second, 60 * time.Second}
		if !slices.Equal(asked, want) {
			t.Errorf("checks at %v, want %v", asked, want)
		}
		if request.Host != "127.9.1.4:81" || request.UserAgent() != "Checker/1.0" || request.RequestURI != "/livez" {
			t.Errorf("check: got %s at host %s by %s", request.RequestURI, request.Host, request.UserAgent())
		}
	})
}

func TestShorterIntervalCountsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var checks atomic.Int64
		c := poolConfig(t)
		c.Check.Interval = time.Hour
		c.Dial = piped(func(conn net.Conn) { checks.Add(1); io.WriteString(conn, answerOK) })
		p := runPool(t, c, balancer.Target{ID: "i-1", Address: "127.9.1.4:8080"})
		time.Sleep(time.Minute)
		c.Check.Interval = 10 * time.Second
		if err := p.Configure(c); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if checks.Load() != 2 {
			t.Errorf("a minute after the first check, with an interval of 10 s: got %d checks, want 2", checks.Load())
		}
	})
}

// TestDetection holds the bound: interval × threshold + timeout.
func TestDetection(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		dial   balancer.DialFunc
		reason health.Reason
		within time.Duration
	}{
		"path blocked": {blocked, health.TimedOut, 7 * time.Second},
		"hangs":        {piped(func(c net.Conn) { io.Copy(io.Discard, c) }), health.TimedOut, 7 * time.Second},
		"refuses":      {func(context.Context, string, string) (net.Conn, error) { return nil, io.ErrClosedPipe }, health.ConnectFailed, 5 * time.Second},
		"no HTTP":      {piped(func(c net.Conn) { bufio.NewReader(c).ReadString('\n'); io.WriteString(c, "hello\n\n") }), health.BadAnswer, 5 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				c := poolConfig(t)
				c.Check.Interval, c.Check.Timeout, c.Dial = 5*time.Second, 2*time.Second, tt.dial
				p := runPool(t, c, balancer.Target{ID: "i-1", Address: "127.9.1.4:8080", Last: health.Healthy})
				change := p.await(t, "i-1", health.Unhealthy)
				if took := time.Since(begin); took != tt.within || change.Reason != tt.reason {
					t.Errorf("unhealthy after %s for %s (%s), want %s for %s", took, change.Reason, change.Detail, tt.within, tt.reason)
				}
			})
		})
	}
}

// TestTimeouts asks a listener over a pipe inside a bubble.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	silent := piped(func(c net.Conn) { io.Copy(io.Discard, c) })
	tests := map[string]struct {
		dial balancer.DialFunc
		idle time.Duration
		want time.Duration
	}{
		"connecting":         {blocked, time.Minute, 10 * time.Second},
		"waiting for answer": {silent, 64 * time.Second, 65 * time.Second}, // a sixty-fourth late
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := poolConfig(t)
				c.Dial = tt.dial
				p, err := balancer.NewPool(c)
				if err != nil {
					t.Fatal(err)
				}
				p.SetTargets([]balancer.Target{{ID: "i-1", Address: "127.9.1.4:8080"}})
				l, err := balancer.Listen(balancer.ListenerConfig{Address: "127.0.0.9:0", Pool: p, IdleTimeout: tt.idle, Logger: quiet})
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				begin := time.Now()
				client, server := net.Pipe()
				defer client.Close()
				l.ServeConn(server)
				io.WriteString(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
				w, err := http.ReadResponse(bufio.NewReader(client), nil)
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(begin); w.StatusCode != http.StatusGatewayTimeout || took != tt.want {
					t.Errorf("got %d after %s, want 504 after %s", w.StatusCode, took, tt.want)
				}
			})
		})
	}
}

func TestClientThatStopsSending(t *testing.T) {
	t.Parallel()
	target := serve(t, "i-1", "a", func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) })
	p := runPool(t, poolConfig(t), adopted(target))
	l, _ := listen(t, p.Pool, func(c *balancer.ListenerConfig) { c.IdleTimeout = 50 * time.Millisecond })
	conn, err := net.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != http.StatusRequestTimeout {
		t.Errorf("got %v, %v, want 408", resp, err)
	}
}

func TestDrain(t *testing.T) {
	t.Parallel()
	arrived, finish := make(chan struct{}), make(chan struct{})
	slow := adopted(serve(t, "slow", "a", func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-finish
		io.WriteString(w, "slow")
	}))
	other := adopted(serve(t, "other", "b", named("other")))
	p := runPool(t, poolConfig(t), slow)
	_, url := listen(t, p.Pool)
	answer := make(chan string, 1)
	go func() {
		status, body := get(t, url)
		answer <- fmt.Sprint(status, " ", body)
	}()
	wait(t, "request at the target", arrived)
	p.SetTargets([]balancer.Target{other})
	if change := p.await(t, "slow", health.Draining); change.From != health.Healthy || change.Reason != health.Deregistering {
		t.Errorf("change: got %+v", change)
	}
	if got := bodies(t, url, 4); got != "other other other other" {
		t.Errorf("new requests while it drains: got %s, want none at it", got)
	}
	if s := p.Status(); len(s.Targets) != 2 || s.Targets[1].Health.State != health.Draining || s.Targets[1].InFlight != 1 {
		t.Errorf("status while it drains: got %+v", s.Targets)
	}
	close(finish)
	if got := <-answer; got != "200 slow" {
		t.Errorf("request in flight: got %s, want its answer", got)
	}
	p.await(t, "slow", health.Unused)
	if s := p.Status(); len(s.Targets) != 1 {
		t.Errorf("status after the drain: got %+v, want the other target alone", s.Targets)
	}
}

func TestDrainIsBounded(t *testing.T) {
	t.Parallel()
	arrived, finish := make(chan struct{}), make(chan struct{})
	slow := adopted(serve(t, "slow", "a", func(http.ResponseWriter, *http.Request) {
		close(arrived)
		<-finish
	}))
	t.Cleanup(func() { close(finish) })
	c := poolConfig(t)
	c.Drain = time.Millisecond
	p := runPool(t, c, slow)
	_, url := listen(t, p.Pool)
	status := make(chan int, 1)
	go func() {
		code, _ := get(t, url)
		status <- code
	}()
	wait(t, "request at the target", arrived)
	p.SetTargets(nil)
	p.await(t, "slow", health.Unused)
	if got := <-status; got != http.StatusBadGateway {
		t.Errorf("request in flight when the delay is over: got %d, want 502", got)
	}
}

func TestComesBackWhileItDrains(t *testing.T) {
	t.Parallel()
	arrived, finish := make(chan struct{}, 1), make(chan struct{})
	target := serve(t, "i-1", "a", func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			arrived <- struct{}{}
			<-finish
		}
	})
	p := runPool(t, poolConfig(t), target)
	_, url := listen(t, p.Pool)
	p.await(t, "i-1", health.Healthy)
	done := make(chan int, 1)
	go func() {
		code, _ := get(t, url+"/slow")
		done <- code
	}()
	wait(t, "request at the target", arrived)
	p.SetTargets(nil)
	p.await(t, "i-1", health.Draining)
	p.SetTargets([]balancer.Target{target})
	if change := p.await(t, "i-1", health.Initial); change.From != "" {
		t.Errorf("registered again: got %+v, want a new target", change)
	}
	p.await(t, "i-1", health.Healthy)
	close(finish)
	if got := <-done; got != 200 {
		t.Errorf("request in flight: got %d, want 200", got)
	}
	p.SetTargets(nil)
	p.await(t, "i-1", health.Unused)
}

func TestListenerEnds(t *testing.T) {
	t.Parallel()
	for name, bound := range map[string]time.Duration{"lets requests finish": patience, "cuts them after a while": time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			arrived, finish := make(chan struct{}), make(chan struct{})
			target := adopted(serve(t, "i-1", "a", func(http.ResponseWriter, *http.Request) {
				close(arrived)
				<-finish
			}))
			p := runPool(t, poolConfig(t), target)
			l, err := balancer.Listen(balancer.ListenerConfig{
				Address: "127.0.0.9:0", Pool: p.Pool, IdleTimeout: time.Minute, DrainTimeout: bound, Logger: quiet,
			})
			if err != nil {
				t.Fatal(err)
			}
			ctx, end := context.WithCancel(context.Background())
			ended, answered := make(chan struct{}), make(chan error, 1)
			go func() { defer close(ended); l.Run(ctx) }()
			go func() {
				resp, err := do(t, http.MethodGet, "http://"+l.Address(), nil)
				if err == nil {
					resp.Body.Close()
				}
				answered <- err
			}()
			wait(t, "request at the target", arrived)
			end()
			if bound == patience {
				close(finish)
			} else {
				defer close(finish)
			}
			wait(t, "end of the listener", ended)
			if err := <-answered; (err == nil) != (bound == patience) {
				t.Errorf("request in flight: got error %v", err)
			}
			if _, err := net.Dial("tcp", l.Address()); err == nil {
				t.Error("the address still takes connections")
			}
		})
	}
}

func TestListenRefuses(t *testing.T) {
	t.Parallel()
	p := runPool(t, poolConfig(t))
	l, _ := listen(t, p.Pool)
	for address, want := range map[string]string{
		"0.0.0.0:0":    "not a loopback address",
		"192.0.2.1:80": "not a loopback address",
		":8080":        "want IP:port",
		"localhost:80": "want IP:port",
		l.Address():    "taken by another process",
	} {
		_, err := balancer.Listen(balancer.ListenerConfig{Address: address, Pool: p.Pool, IdleTimeout: time.Minute, Logger: quiet})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), address) {
			t.Errorf("listen on %s: got %v, want an error that names it and says %q", address, err, want)
		}
	}
}
