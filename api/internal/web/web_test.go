package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"orchard/api/internal/database"
	"orchard/api/internal/metrics"
	"orchard/api/internal/pgtest"
	"orchard/api/internal/settings"
	"orchard/api/internal/store"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// service is the whole handler on a database of its own.
type service struct {
	t        testing.TB
	url      string
	client   *http.Client
	pool     *pgxpool.Pool
	owner    *pgxpool.Pool // of the schema: may do what the service may not
	store    *store.Store
	metrics  *metrics.Metrics
	draining atomic.Bool
	log      *syncBuffer
}

func newService(t testing.TB, change ...func(*Config)) *service {
	t.Helper()
	ctx := context.Background()
	url, name := pgtest.Database(t)
	open := func(url string) *pgxpool.Pool {
		pool, err := database.Open(ctx, settings.Database{URL: url, Auth: settings.AuthPassword, Pool: 4})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		return pool
	}
	s := &service{t: t, owner: open(url), log: &syncBuffer{}}
	if _, err := database.Migrate(ctx, s.owner, "app_"+name, ""); err != nil {
		t.Fatal(err)
	}
	s.pool = open(pgtest.URLAs("app_"+name, name))
	s.store, s.metrics = store.New(s.pool), metrics.New(s.pool)
	c := Config{
		Store: s.store, Metrics: s.metrics, Log: slog.New(slog.NewTextHandler(s.log, nil)),
		Instance: "i-1", Zone: "z-a", Draining: s.draining.Load,
	}
	for _, f := range change {
		f(&c)
	}
	srv := httptest.NewServer(New(c))
	t.Cleanup(srv.Close)
	s.url, s.client = srv.URL, srv.Client()
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return s
}

// answer is a response that has been read whole.
type answer struct {
	Status int
	Header http.Header
	Body   string
	Close  bool // the server said Connection: close
}

// do sends a request; headers are given as name, value, name, value.
func (s *service) do(method, path, body string, headers ...string) answer {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	resp, err := s.client.Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatalf("%s %s: read body: %v", method, path, err)
	}
	return answer{resp.StatusCode, resp.Header, string(b), resp.Close}
}

// want sends a request and compares status and body.
func (s *service) want(method, path, body string, status int, answerBody string, headers ...string) answer {
	s.t.Helper()
	a := s.do(method, path, body, headers...)
	if a.Status != status || a.Body != answerBody {
		s.t.Errorf("%s %s %s:\n got %d %s\nwant %d %s", method, path, body, a.Status, a.Body, status, answerBody)
	}
	return a
}

// wantProblem sends a request and looks for a problem document of this kind
// that has all these fragments.
func (s *service) wantProblem(method, path, body string, status int, kind string, fragments ...string) answer {
	s.t.Helper()
	a := s.do(method, path, body)
	s.checkProblem(a, method+" "+path+" "+body, status, kind, fragments...)
	return a
}

func (s *service) checkProblem(a answer, what string, status int, kind string, fragments ...string) {
	s.t.Helper()
	if len(what) > 200 {
		what = what[:200] + "…"
	}
	fragments = append(fragments, `"type": "/docs#`+kind+`"`)
	for _, f := range fragments {
		if a.Status != status || !strings.Contains(a.Body, f) || a.Header.Get("Content-Type") != "application/problem+json" {
			s.t.Errorf("%s:\n got %d %s %s\nwant %d with %s", what, a.Status, a.Header.Get("Content-Type"), a.Body, status, f)
		}
	}
}

// exec runs a statement as the schema's owner.
func (s *service) exec(statement string, args ...any) {
	s.t.Helper()
	if _, err := s.owner.Exec(context.Background(), statement, args...); err != nil {
		s.t.Fatalf("%s: %v", statement, err)
	}
}
