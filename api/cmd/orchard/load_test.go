package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"orchard/api/internal/pgtest"
)

// loadLength is a flag, not a variable: the service refuses variables that it does not know.
var loadLength = flag.Duration("load", 300*time.Millisecond, "how long TestLoad loads each route; a full run takes 10s")

const (
	loadConnections = 32
	loadRows        = 1000
	loadMemory      = 60 << 10 // kB
)

// loadRoute is one route under load. request returns the method, the path,
// other headers and the body of a connection's n-th request.
type loadRoute struct {
	name    string
	request func(connection, n int) (method, path, header, body string)
}

func read(path string) loadRoute {
	return loadRoute{"GET " + path, func(int, int) (string, string, string, string) { return "GET", path, "", "" }}
}

// anEntry is the path of one of the entries that were there before the load.
func anEntry(connection, n int) (id int, path string) {
	id = (connection*31+n*7919)%loadRows + 1
	return id, fmt.Sprintf("/api/v1/fruit/%d/", id)
}

var loadRoutes = []loadRoute{
	read("/livez"),
	read("/readyz"),
	read("/version"),
	read("/openapi.json"),
	read("/docs"),
	read("/api/v1/"),
	read("/api/v1/fruit/schema/"),
	read("/api/v1/fruit/"),
	read("/api/v1/fruit/?price__gte=5&name__startswith=fruit-1&order_by=-price"),
	read("/api/v1/fruit/set/1;20;300/"),
	{"GET an entry", func(connection, n int) (string, string, string, string) {
		_, path := anEntry(connection, n)
		return "GET", path, "", ""
	}},
	{"POST", func(connection, n int) (string, string, string, string) {
		return "POST", "/api/v1/fruit/", "", fmt.Sprintf(`{"name": "made-%d-%d"}`, connection, n)
	}},
	{"POST with a key", func(connection, n int) (string, string, string, string) {
		key := fmt.Sprintf("keyed-%d-%d", connection, n)
		return "POST", "/api/v1/fruit/", "Idempotency-Key: " + key + "\r\n", `{"name": "` + key + `"}`
	}},
	{"PUT", func(connection, n int) (string, string, string, string) {
		id, path := anEntry(connection, n)
		return "PUT", path, "", fmt.Sprintf(`{"name": "fruit-%d", "price": "1.25", "stock": %d}`, id, n)
	}},
	{"PATCH", func(connection, n int) (string, string, string, string) {
		_, path := anEntry(connection, n)
		return "PATCH", path, "", fmt.Sprintf(`{"stock": %d}`, n)
	}},
	{"PUT a new entry, DELETE it", func(connection, n int) (string, string, string, string) {
		path := fmt.Sprintf("/api/v1/fruit/%d/", 1_000_000_000+connection*10_000_000+n/2)
		if n%2 == 1 {
			return "DELETE", path, "", ""
		}
		return "PUT", path, "", fmt.Sprintf(`{"name": "brief-%d-%d"}`, connection, n)
	}},
}

// Every route takes 32 busy connections: each request is answered 2xx, no
// connection is closed, and memory stays bounded. It is not parallel, so that
// it neither slows the others nor is slowed by them.
func TestLoad(t *testing.T) {
	env := migrated(t)
	p := serve(t, env, nil)
	_, name, _ := strings.Cut(env[0], "@")
	pgtest.Exec(t, "postgres://postgres@"+name, fmt.Sprintf(
		"INSERT INTO fruit (name, price, stock) SELECT 'fruit-' || g, g %% 1000 / 100.0, g %% 50 FROM generate_series(1, %d) g", loadRows))
	for _, route := range loadRoutes {
		started := time.Now()
		answered, err := route.load(strings.TrimPrefix(p.url, "http://"), *loadLength)
		if err != nil {
			t.Errorf("%s: got %v after %d answers, want no error", route.name, err, answered)
		}
		if answered < loadConnections {
			t.Errorf("%s: got %d answers, want at least one for each of %d connections", route.name, answered, loadConnections)
		}
		t.Logf("%-40.40s %8d answers %7.0f/s", route.name, answered, float64(answered)/time.Since(started).Seconds())
	}
	got := peakMemory(t, p.cmd.Process.Pid)
	if got > loadMemory {
		t.Errorf("peak memory: got %d kB, want at most %d kB", got, loadMemory)
	}
	t.Logf("peak memory %d kB", got)
}

// load sends requests over all connections until length has passed, and
// returns how many were answered and the first error.
func (l loadRoute) load(address string, length time.Duration) (answered int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), length)
	defer cancel()
	var all sync.WaitGroup
	counts, errs := make([]int, loadConnections), make([]error, loadConnections)
	for i := range loadConnections {
		all.Go(func() {
			if counts[i], errs[i] = l.drive(ctx, address, i); errs[i] != nil {
				cancel()
			}
		})
	}
	all.Wait()
	for i := range loadConnections {
		answered += counts[i]
		if err == nil {
			err = errs[i]
		}
	}
	return answered, err
}

// drive uses one connection and never a second: a client of net/http would
// hide a connection that was closed, by trying again with another.
func (l loadRoute) drive(ctx context.Context, address string, connection int) (answered int, err error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	for ; ctx.Err() == nil; answered++ {
		if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			return answered, err
		}
		method, path, header, body := l.request(connection, answered)
		_, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: o\r\n%sContent-Length: %d\r\n\r\n%s", method, path, header, len(body), body)
		if err != nil {
			return answered, err
		}
		if err := success(r, method); err != nil {
			return answered, fmt.Errorf("%s %s %s: %w", method, path, body, err)
		}
	}
	return answered, nil
}

// success reads one answer whole; one that is no 2xx or closes the connection is an error.
func success(r *bufio.Reader, method string) error {
	resp, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return err
	case resp.StatusCode/100 != 2:
		return fmt.Errorf("answer %s: %s", resp.Status, text)
	case resp.Close:
		return fmt.Errorf("answer %s closes the connection", resp.Status)
	}
	return nil
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakMemory is the most memory that a process has had, in kB.
func peakMemory(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	m := highWater.FindSubmatch(text)
	if m == nil {
		t.Fatalf("no peak memory in:\n%s", text)
	}
	kB, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kB
}
