package balancer_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/health"
)

const patience = 10 * time.Second // for what must happen; never waited for in full

var quiet = slog.New(slog.DiscardHandler)

// poolConfig checks every 10 ms and changes states after 2 results.
func poolConfig(t testing.TB) balancer.PoolConfig {
	t.Helper()
	matcher, err := health.ParseMatcher("200")
	if err != nil {
		t.Fatal(err)
	}
	return balancer.PoolConfig{
		Check: balancer.Check{
			Path: "/livez", Interval: 10 * time.Millisecond, Timeout: time.Second,
			Thresholds: health.Thresholds{InitialSuccesses: 1, Healthy: 2, Unhealthy: 2},
			Matcher:    matcher, UserAgent: "Checker/1.0",
		},
		Drain: patience, FailOpen: true, Dial: new(net.Dialer).DialContext,
	}
}

// pool is a running pool whose changes are kept.
type pool struct {
	*balancer.Pool
	changes chan balancer.Change
	stop    func()
}

func runPool(t testing.TB, c balancer.PoolConfig, targets ...balancer.Target) pool {
	t.Helper()
	p := pool{changes: make(chan balancer.Change, 1000)}
	c.OnChange = func(change balancer.Change) { p.changes <- change }
	var err error
	if p.Pool, err = balancer.NewPool(c); err != nil {
		t.Fatal(err)
	}
	p.stop = run(t, p.Run)
	p.SetTargets(targets)
	return p
}

// run runs something until the test ends or the returned function is called.
func run(t testing.TB, f func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := f(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

// await returns the change in which the target enters the state.
func (p pool) await(t testing.TB, id string, state health.State) balancer.Change {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case c := <-p.changes:
			if c.Target.ID == id && c.To == state {
				return c
			}
		case <-deadline:
			t.Fatalf("target %s did not become %s; pool %+v", id, state, p.Status())
		}
	}
}

// listen serves the pool on a loopback address; the result is its URL.
func listen(t testing.TB, p *balancer.Pool, change ...func(*balancer.ListenerConfig)) (*balancer.Listener, string) {
	t.Helper()
	c := balancer.ListenerConfig{
		Address: "127.0.0.9:0", Pool: p, IdleTimeout: time.Minute, DrainTimeout: patience, ServerName: "lb/1", Logger: quiet,
	}
	for _, f := range change {
		f(&c)
	}
	l, err := balancer.Listen(c)
	if err != nil {
		t.Fatal(err)
	}
	run(t, l.Run)
	return l, "http://" + l.Address()
}

// serve is a target at its own loopback address; /livez is answered 200
// unless the handler is to do it.
func serve(t testing.TB, id, zone string, handler http.HandlerFunc) balancer.Target {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/livez" {
			return
		}
		handler(w, r)
	}))
	start(t, s)
	return balancer.Target{ID: id, Zone: zone, Address: s.Listener.Addr().String()}
}

func start(t testing.TB, s *httptest.Server) {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.1.4:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Listener.Close()
	s.Listener = socket
	s.Config.ErrorLog = slog.NewLogLogger(quiet.Handler(), slog.LevelDebug)
	s.Start()
	t.Cleanup(s.Close)
}

// raw is a target that answers every connection with a function of its own.
func raw(t testing.TB, id string, answer func(net.Conn)) balancer.Target {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.1.5:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	go func() {
		for {
			conn, err := socket.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				answer(conn)
			}()
		}
	}()
	return balancer.Target{ID: id, Zone: "a", Address: socket.Addr().String(), Last: health.Healthy}
}

func named(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, name) }
}

// get is a request on a connection of its own.
func get(t testing.TB, url string) (status int, body string) {
	t.Helper()
	resp, err := do(t, http.MethodGet, url, nil)
	if err != nil {
		t.Fatalf("get %s: %v", url, err)
	}
	return resp.StatusCode, read(t, resp)
}

func do(t testing.TB, method, url string, body io.Reader) (*http.Response, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	return transport.RoundTrip(req)
}

func read(t testing.TB, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("read body: %v", err)
	}
	return string(body)
}

// bodies are the bodies of n requests, one after another.
func bodies(t testing.TB, url string, n int) string {
	t.Helper()
	var all []string
	for range n {
		status, body := get(t, url)
		if status != http.StatusOK {
			t.Fatalf("get %s: got status %d, want 200; body %s", url, status, body)
		}
		all = append(all, body)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func wait(t testing.TB, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		t.Fatalf("waited in vain: %s", what)
	}
}

// serveAll is a target whose handler gets the checks too.
func serveAll(t testing.TB, id string, handler http.Handler) balancer.Target {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	start(t, s)
	return balancer.Target{ID: id, Zone: "a", Address: s.Listener.Addr().String()}
}
