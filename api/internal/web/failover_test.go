package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"orchard/api/internal/database"
	"orchard/api/internal/metrics"
	"orchard/api/internal/pgtest"
	"orchard/api/internal/settings"
	"orchard/api/internal/store"
)

// forwarder is the database's address: it leads connections to one server, and
// cuts them all when it is pointed to another.
type forwarder struct {
	net.Listener
	mu    sync.Mutex
	to    string // "" : nowhere
	conns []net.Conn
}

func newForwarder(t *testing.T, to string) *forwarder {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &forwarder{Listener: l, to: to}
	t.Cleanup(func() { l.Close(); f.point("") })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go f.lead(c)
		}
	}()
	return f
}

func (f *forwarder) lead(c net.Conn) {
	f.mu.Lock()
	server, err := net.Dial("tcp", f.to)
	if err != nil {
		f.mu.Unlock()
		c.Close()
		return
	}
	f.conns = append(f.conns, c, server)
	f.mu.Unlock()
	go func() { _, _ = io.Copy(server, c); server.Close() }()
	_, _ = io.Copy(c, server)
	c.Close()
}

func (f *forwarder) point(to string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.to = to
	for _, c := range f.conns {
		c.Close()
	}
	f.conns = nil
}

// pair is a primary with a synchronous standby.
func pair(t *testing.T) (primary, standby *pgtest.Cluster) {
	t.Helper()
	primary, err := pgtest.Start(pgtest.Dir(t), "synchronous_standby_names=standby", "synchronous_commit=local")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(primary.Stop)
	standby, err = primary.Copy(pgtest.Dir(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(standby.Stop)
	awaitSync(t, primary)
	return primary, standby
}

func awaitSync(t *testing.T, primary *pgtest.Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, primary.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for state := ""; state != "sync"; <-tick.C {
		err := conn.QueryRow(ctx, "SELECT coalesce(max(sync_state), '') FROM pg_stat_replication WHERE state = 'streaming'").Scan(&state)
		if err != nil {
			t.Fatalf("wait for the standby: %v", err)
		}
	}
}

// The primary is killed and the standby promoted under 200 creates a second,
// each with its key and repeated by its client until it is acknowledged. Every
// acknowledged create is there, once.
func TestNoAcknowledgedCreateIsLostInAFailover(t *testing.T) {
	t.Parallel()
	primary, standby := pair(t)
	at := func(c *pgtest.Cluster) string { return fmt.Sprintf("127.0.0.1:%d", c.Port) }
	endpoint := newForwarder(t, at(primary))
	url := fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable", endpoint.Addr())
	srv := serveOn(t, url+"&synchronous_commit=on")

	var acknowledged sync.Map
	var count atomic.Int64
	stop := make(chan struct{})
	var clients sync.WaitGroup
	halt := sync.OnceFunc(func() { close(stop); clients.Wait() })
	defer halt()
	clients.Go(func() {
		arrivals := time.NewTicker(5 * time.Millisecond)
		defer arrivals.Stop()
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			case <-arrivals.C:
				clients.Go(func() { createOnce(t, srv, n, &acknowledged, &count) })
			}
		}
	})
	awaitAtLeast(t, &count, 300)
	if err := primary.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	primary.Wait()
	before := count.Load()
	t.Logf("%d creates acknowledged before the failover", before)
	if err := standby.Run("pg_ctl", "promote", "-D", standby.Data(), "-w"); err != nil {
		t.Fatal(err)
	}
	endpoint.point(at(standby))
	t.Log("promoted")
	awaitAtLeast(t, &count, before+300)
	halt()
	checkExactlyOnce(t, standby.URL("postgres"), &acknowledged)
}

// serveOn migrates a database and serves on it.
func serveOn(t *testing.T, url string) *httptest.Server {
	t.Helper()
	ctx := context.Background()
	pool, err := database.Open(ctx, settings.Database{URL: url, Auth: settings.AuthPassword, Pool: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if _, err := database.Migrate(ctx, pool, "orchard_app", ""); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(New(Config{
		Store: store.New(pool), Metrics: metrics.New(pool), Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})), Draining: func() bool { return false },
	}))
	t.Cleanup(srv.Close)
	return srv
}

// createOnce sends one create until it is acknowledged. A 503 may be repeated
// with the key; every other answer than 201 is a fault.
func createOnce(t *testing.T, srv *httptest.Server, n int, acknowledged *sync.Map, count *atomic.Int64) {
	key := rand.Text()
	for {
		r, err := http.NewRequest("POST", srv.URL+"/api/v1/fruit/", strings.NewReader(fmt.Sprintf(`{"name": "f%d"}`, n)))
		if err != nil {
			t.Error(err)
			return
		}
		r.Header.Set("Idempotency-Key", key)
		resp, err := srv.Client().Do(r)
		if err != nil {
			t.Errorf("create %d: %v", n, err)
			return
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if after, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && resp.StatusCode == 503 {
			<-time.After(time.Duration(after) * time.Second) // what the service asked for
			continue
		}
		if resp.StatusCode != 201 {
			t.Errorf("create %d: got %d %s, want 201 or 503", n, resp.StatusCode, body)
			return
		}
		acknowledged.Store(fmt.Sprintf("f%d", n), resp.Header.Get("Location"))
		count.Add(1)
		return
	}
}

func checkExactlyOnce(t *testing.T, url string, acknowledged *sync.Map) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, "SELECT name, '/api/v1/fruit/' || id || '/' FROM fruit")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]string{}
	var name, place string
	total := 0
	if _, err := pgx.ForEachRow(rows, []any{&name, &place}, func() error {
		there[name] = place
		total++
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	asked := 0
	acknowledged.Range(func(name, place any) bool {
		asked++
		if there[name.(string)] != place {
			t.Errorf("%s was acknowledged at %s: got %q in the database", name, place, there[name.(string)])
		}
		return true
	})
	var counted int
	if err := conn.QueryRow(ctx, "SELECT sum(n)::int FROM fruit_count").Scan(&counted); err != nil {
		t.Fatal(err)
	}
	if asked != total || counted != total {
		t.Errorf("acknowledged %d, rows %d, counted %d: want the same", asked, total, counted)
	}
	t.Logf("%d creates acknowledged over a failover, each there once", asked)
}

func awaitAtLeast(t *testing.T, n *atomic.Int64, want int64) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for n.Load() < want {
		if time.Now().After(deadline) {
			t.Fatalf("creates acknowledged: got %d, want %d", n.Load(), want)
		}
		<-tick.C
	}
}

// Without a key, a write whose answer is lost is not called a failure that
// may be repeated, and a write that was never sent is.
func TestAmbiguousWritesAreSaidToBe(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.seed()
	s.exec(`CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$`)
	s.exec(`CREATE CONSTRAINT TRIGGER cut AFTER INSERT OR UPDATE OR DELETE ON fruit FOR EACH ROW EXECUTE FUNCTION cut()`)
	s.exec(`ALTER FUNCTION cut() SECURITY DEFINER`)
	for _, c := range [][3]string{
		{"POST", "/", `{"name": "x"}`}, {"PUT", "/1/", `{"stock": 1}`}, {"PATCH", "/1/", `{"stock": 1}`}, {"DELETE", "/1/", ""},
	} {
		a := s.wantProblem(c[0], "/api/v1/fruit"+c[1], c[2], 504, "outcome-unknown")
		if a.Header.Get("Retry-After") != "" {
			t.Errorf("%s: got Retry-After %q, want none", c[0], a.Header.Get("Retry-After"))
		}
	}
	if a := s.do("GET", "/api/v1/fruit/1/", ""); a.Status != 200 {
		t.Errorf("read: got %d, want 200", a.Status)
	}
}

// Reads outlive the loss of every connection.
func TestReadsOutliveCutConnections(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.seed()
	var stopped atomic.Bool
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for !stopped.Load() {
				if a := s.do("GET", "/api/v1/fruit/1/", ""); a.Status != 200 {
					t.Errorf("read: got %d %s", a.Status, a.Body)
				}
				if a := s.do("GET", "/api/v1/fruit/?limit=1", ""); a.Status != 200 {
					t.Errorf("list: got %d %s", a.Status, a.Body)
				}
			}
		})
	}
	for range 20 {
		s.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename LIKE 'app_%'")
		s.want("GET", "/api/v1/fruit/1/", "", 200, apple)
	}
	stopped.Store(true)
	readers.Wait()
}
