package server

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"orchard/api/internal/pgtest"
	"orchard/api/internal/settings"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// addresses takes the address of the listener out of the log.
type addresses struct{ found chan string }

func (a addresses) Write(line []byte) (int, error) {
	if _, rest, ok := strings.Cut(string(line), "address="); ok {
		a.found <- strings.Fields(rest)[0]
	}
	return len(line), nil
}

// start runs the service until the test ends and returns its address.
func start(t *testing.T, change func(*settings.Serve)) string {
	t.Helper()
	url, _ := pgtest.Database(t)
	s := settings.Serve{Listen: "127.0.0.1:0", Database: settings.Database{URL: url, Auth: settings.AuthPassword, Pool: 2}}
	change(&s)
	ctx, cancel := context.WithCancel(context.Background())
	log := addresses{make(chan string, 1)}
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, s, slog.New(slog.NewTextHandler(log, nil))) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	select {
	case address := <-log.found:
		return address
	case err := <-ended:
		ended <- nil
		t.Fatalf("Run: %v", err)
	case <-time.After(20 * time.Second):
		t.Fatal("the service does not listen")
	}
	return ""
}

func get(t *testing.T, client *http.Client, url string) (status int, body string) {
	t.Helper()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	client.CloseIdleConnections()
	return resp.StatusCode, string(b)
}

func TestSelfSignedTLS(t *testing.T) {
	t.Parallel()
	address := start(t, func(s *settings.Serve) { s.TLS.Mode = settings.TLSSelfSigned })
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	if status, body := get(t, client, "https://"+address+"/livez"); status != 200 {
		t.Errorf("/livez over TLS: got %d %s", status, body)
	}
	if status, _ := get(t, &http.Client{}, "http://"+address+"/livez"); status != 400 {
		t.Errorf("/livez without TLS: got %d, want 400", status)
	}
}

func TestTLSFromFiles(t *testing.T) {
	t.Parallel()
	files := oneFile(t)
	leaf := renew(t, files, time.Now())
	address := start(t, func(s *settings.Serve) { s.TLS = files })
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "localhost"}}}
	if status, body := get(t, client, "https://"+address+"/livez"); status != 200 {
		t.Errorf("/livez: got %d %s", status, body)
	}
}

// Metrics and profiles are on the admin socket, for its user alone, and not
// on the network.
func TestAdminSocket(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	address := start(t, func(s *settings.Serve) { s.RuntimeDirectory = dir })
	for range 3 {
		get(t, &http.Client{}, "http://"+address+"/api/v1/")
	}
	get(t, &http.Client{}, "http://"+address+"/no/such/path")
	socket := filepath.Join(dir, "admin.sock")
	admin := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}}
	status, body := get(t, admin, "http://admin/metrics")
	for _, line := range []string{
		`orchard_http_requests_total{method="GET",route="/api/v1/",status="200"} 3`,
		`orchard_http_requests_total{method="GET",route="none",status="404"} 1`,
		`orchard_http_request_duration_seconds_count{method="GET",route="/api/v1/"} 3`,
		`orchard_pool_connections_max 2`,
	} {
		if status != 200 || !strings.Contains(body, line) {
			t.Errorf("metrics: got %d without %q", status, line)
		}
	}
	if status, _ := get(t, admin, "http://admin/debug/pprof/goroutine?debug=1"); status != 200 {
		t.Errorf("pprof: got %d", status)
	}
	for _, path := range []string{"/metrics", "/debug/pprof/"} {
		if status, _ := get(t, &http.Client{}, "http://"+address+path); status != 404 {
			t.Errorf("%s on the network: got %d, want 404", path, status)
		}
	}
	info, err := os.Stat(socket)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("admin socket: got %v, %v; want mode 0600", info.Mode(), err)
	}
}

// A connection that the kernel has made and nobody has accepted when the
// listener stops is still accepted; a later one is refused.
func TestPatientEmptiesTheQueue(t *testing.T) {
	t.Parallel()
	s, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := s.own.Addr().String()
	const queued = 20
	for range queued {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	accepted := make(chan int)
	var begin sync.WaitGroup
	begin.Add(1)
	go func() {
		begin.Wait()
		n := 0
		for {
			c, err := s.own.Accept()
			if err != nil {
				accepted <- n
				return
			}
			defer c.Close()
			n++
		}
	}()
	go begin.Done()
	how, err := s.stop()
	if err != nil || !strings.HasPrefix(how, "filtered") {
		t.Errorf("stop: got %q, %v; want filtered handshakes", how, err)
	}
	if n := <-accepted; n != queued {
		t.Errorf("accepted of the queue: got %d, want %d", n, queued)
	}
	if c, err := net.Dial("tcp", address); err == nil {
		c.Close()
		t.Error("connect after stop: got a connection, want a refusal")
	}
}
