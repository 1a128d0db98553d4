package web

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// FuzzRequest sends a method, path, header and body over HTTP. The answer is
// never a 5xx.
func FuzzRequest(f *testing.F) {
	for _, c := range [][4]string{
		{"GET", "/api/v1/fruit/?limit=2&name__in=a,b", "If-None-Match: *", ""},
		{"POST", "/api/v1/fruit/", "Content-Type: application/json", `{"name": "apple", "price": 1}`},
		{"POST", "/api/v1/fruit", "Idempotency-Key: k", `{"name": "pear"}`},
		{"PUT", "/api/v1/fruit/2147483647/", "If-Match: \"x\", *", `{"name": "\ud83c\udf4e"}`},
		{"PATCH", "/api/v1/fruit/1/", "Content-Encoding: gzip", "\x1f\x8b"},
		{"DELETE", "/api/v1/fruit/1/", "Authorization: Bearer x", ""},
		{"OPTIONS", "*", "Expect: 100-continue", ""},
		{"BREW", "/api/v1/fruit/set/1;2;%00/", "X-Request-Id: \xff", ""},
		{"GET", "/%2e%2e/api//v1/fruit/%ff/", "Range: bytes=0-1", ""},
		{"POST", "/api/v1/fruit/", "Transfer-Encoding: chunked", "5\r\n{\"nam\r\n"},
	} {
		f.Add(c[0], c[1], c[2], c[3])
	}
	s := newService(f)
	f.Fuzz(func(t *testing.T, method, path, header, body string) {
		if status := s.raw(t, method, path, header, body); status >= 500 {
			t.Errorf("%q %q with %q and %q: got %d", method, path, header, body, status)
		}
	})
}

// raw sends bytes over a connection of its own and returns the status of the
// answer, 0 where the server hung up without one.
func (s *service) raw(t testing.TB, method, path, header, body string) int {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	// The server may hang up before it has read all: a failed write is no fault.
	_, _ = fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nConnection: close\r\n%s\r\n\r\n%s", method, path, len(body), header, body)
	_ = conn.(*net.TCPConn).CloseWrite()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	if resp.Header.Get("X-Orchard-Instance") == "" && (resp.StatusCode == 501 || resp.StatusCode == 505) {
		// net/http itself refuses another transfer coding or protocol version
		// this way, as RFC 9112 says; the service never sees such a request.
		return 0
	}
	return resp.StatusCode
}

// 10,000 requests made from a seed: no 5xx, no panic, no goroutine left.
func TestTenThousandRandomRequests(t *testing.T) {
	s := newService(t)
	s.seed()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	before := runtime.NumGoroutine()
	var workers sync.WaitGroup
	statuses := make([][600]int, 8)
	for w := range 8 {
		workers.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(w)))
			for range 1250 {
				method, path, header, body := randomRequest(r)
				status := s.raw(t, method, path, header, body)
				statuses[w][status]++
				if status >= 500 {
					t.Errorf("%q %q with %q and %q: got %d", method, path, header, body, status)
				}
			}
		})
	}
	workers.Wait()
	if strings.Contains(s.log.String(), "panicked") {
		t.Errorf("a handler panicked:\n%s", s.log.String())
	}
	seen := 0
	for status := range 600 {
		n := 0
		for w := range statuses {
			n += statuses[w][status]
		}
		if n > 0 {
			seen++
			t.Logf("%d × %d", n, status)
		}
	}
	if seen < 8 {
		t.Errorf("different statuses seen: got %d, want at least 8: the requests do not reach far", seen)
	}
	s.client.CloseIdleConnections()
	awaitGoroutines(t, before)
}

func awaitGoroutines(t *testing.T, want int) {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for runtime.NumGoroutine() > want+4 { // the pool's own connections come and go
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<16)
			t.Fatalf("goroutines left: got %d, want about %d\n%s", runtime.NumGoroutine(), want, buf[:runtime.Stack(buf, true)])
		}
		<-tick.C
	}
}

var (
	fuzzMethods = []string{"GET", "GET", "POST", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "BREW", "get"}
	fuzzPaths   = []string{
		"/api/v1/fruit/", "/api/v1/fruit/", "/api/v1/fruit/1/", "/api/v1/fruit/2/", "/api/v1/fruit/2147483647/", "/api/v1/fruit/999999999999/",
		"/api/v1/fruit", "/api/v1/fruit/set/1;2;x/", "/api/v1/fruit/schema/", "/api/v1/", "/livez", "/openapi.json", "/docs", "*", "/%00", "//", "/api/v1/fruit/%f0%9f/",
	}
	fuzzQueries = []string{
		"", "", "?limit=0", "?limit=-1", "?offset=9223372036854775807", "?offset=99999999999999999999", "?name__startswith=%ff", "?name=%00",
		"?price__gte=1e9", "?stock__in=1,2,x", "?order_by=-price&order_by=name", "?order_by=';--", "?after=5", "?id__range=1,99999999999", "?%zz=%", "?;&=&&",
	}
	fuzzHeaders = []string{
		"X: y", "X: y", "Content-Type: text/plain", "Content-Type: ;;;", "If-Match: *", "If-Match: \"", "If-None-Match: *", "If-None-Match: W/\"x\",,",
		"Idempotency-Key: a", "Idempotency-Key:", "Content-Encoding: br", "Expect: 100-continue", "Authorization: Bearer", "X-Request-Id: \x01",
		"Transfer-Encoding: chunked", "Upgrade: h2c", "Connection: upgrade", "Content-Length: 3", "Bad Header", "Cookie: " + strings.Repeat("c", 20000),
	}
	fuzzBodies = []string{
		`{"name": "a%d"}`, `{"name": "a%d", "price": 1.25, "stock": 3}`, `{"stock": %d}`, `{"price": "%d.5"}`, `{"name": "\ud800%d"}`, `{"name": null, "x": %d}`,
		`[%d]`, `%d`, `{"name": "a%d"`, "\xff%d", `{"stock": 1e%d}`, `{"price": %d%[1]d%[1]d}`, `{"name": "apple", "stock": %d}`, strings.Repeat(`{"a":`, 5000) + `%d`,
	}
)

func randomRequest(r *rand.Rand) (method, path, header, body string) {
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	method, path, header = pick(fuzzMethods), pick(fuzzPaths)+pick(fuzzQueries), pick(fuzzHeaders)
	if r.IntN(3) > 0 {
		body = fmt.Sprintf(pick(fuzzBodies), r.IntN(1000))
	}
	if r.IntN(5) == 0 { // and now and then a byte that does not belong there
		at := r.IntN(len(path))
		path = path[:at] + string([]byte{byte(r.IntN(256))}) + path[at:]
	}
	return method, path, header, body
}
