package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func status(t testing.TB, url string) int {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// half opens a connection and sends a POST but for its last byte.
func half(t *testing.T, url, name string) (finish func() string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	body := `{"name": "` + name + `"}`
	fmt.Fprintf(conn, "POST /api/v1/fruit/ HTTP/1.1\r\nHost: o\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:len(body)-1])
	return func() string {
		fmt.Fprint(conn, body[len(body)-1:])
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			return err.Error()
		}
		resp.Body.Close()
		return strconv.Itoa(resp.StatusCode)
	}
}

// The drain in its order: /livez 503 while requests are still taken, then no
// new connection, then the request under way is answered, then the end.
func TestDrainInOrder(t *testing.T) {
	t.Parallel()
	p := serve(t, append(migrated(t), "ORCHARD_DRAIN_WAIT=1s"), nil)
	if got := status(t, p.url+"/livez"); got != 200 {
		t.Fatalf("/livez: got %d, want 200", got)
	}
	finish := half(t, p.url, "under-way")
	signalled := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.await("draining")
	if got := status(t, p.url+"/livez"); got != 503 {
		t.Errorf("/livez while draining: got %d, want 503", got)
	}
	if got := status(t, p.url+"/api/v1/fruit/"); got != 200 {
		t.Errorf("list while draining: got %d, want 200", got)
	}
	p.await("stopped accepting")
	if waited := time.Since(signalled); waited < time.Second {
		t.Errorf("stopped accepting after %s, want at least 1s", waited)
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://")); err == nil {
		conn.Close()
		t.Error("connect after the listener closed: got a connection, want a refusal")
	}
	if got := finish(); got != "201" {
		t.Errorf("request under way: got %s, want 201", got)
	}
	if err := p.exit(); err != nil {
		t.Errorf("exit: got %v, want 0", err)
	}
}

// A socket that was passed outlives the process: clients that come between two
// runs wait and are answered by the second.
func TestSocketActivationRefusesNobody(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	socket, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	url := "http://" + l.Addr().String()
	// The shell gives the program the pid that LISTEN_PID names, as systemd does.
	env := append(migrated(t), "ORCHARD_LISTEN=127.0.0.1:1")
	start := func() *process {
		return serve(t, env, []*os.File{socket}, "/bin/sh", "-c", `LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"`, "sh")
	}
	var failures, answered atomic.Int64
	stop := make(chan struct{})
	var clients sync.WaitGroup
	first := start()
	for range 4 {
		clients.Go(func() { hammer(url, stop, &answered, &failures) })
	}
	awaitCount(t, &answered, 50)
	if err := first.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := first.exit(); err != nil {
		t.Errorf("exit: got %v, want 0", err)
	}
	before := answered.Load()
	start()
	awaitCount(t, &answered, before+50)
	close(stop)
	clients.Wait()
	if n := failures.Load(); n != 0 {
		t.Errorf("requests that failed over a restart: got %d of %d, want 0", n, answered.Load())
	}
}

// hammer asks with a connection for each request until stop.
func hammer(url string, stop chan struct{}, answered, failures *atomic.Int64) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
	for {
		select {
		case <-stop:
			return
		default:
		}
		resp, err := client.Get(url + "/api/v1/fruit/")
		if err != nil || resp.StatusCode != 200 {
			fmt.Fprintln(os.Stderr, "request failed:", err, resp)
			failures.Add(1)
		}
		if err == nil {
			resp.Body.Close()
		}
		answered.Add(1)
	}
}

func awaitCount(t *testing.T, n *atomic.Int64, want int64) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for n.Load() < want {
		if time.Now().After(deadline) {
			t.Fatalf("requests answered: got %d, want %d", n.Load(), want)
		}
		<-tick.C
	}
}

// Under load no connection that was made is reset and no request is lost; a
// client that comes after the listener closed is refused, which it can tell.
func TestDrainUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	p := serve(t, append(migrated(t), "ORCHARD_DRAIN_WAIT=300ms"), nil)
	var created, lost atomic.Int64
	var clients sync.WaitGroup
	for i := range 16 {
		clients.Go(func() { createUntilRefused(p.url, i, &created, &lost) })
	}
	awaitCount(t, &created, 200)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.exit(); err != nil {
		t.Errorf("exit: got %v, want 0", err)
	}
	clients.Wait()
	if n := lost.Load(); n != 0 {
		t.Errorf("requests lost in a drain under load: got %d of %d, want 0", n, created.Load())
	}
}

// createUntilRefused creates, with a new connection for every other request,
// until a connection is refused. Anything else that fails is lost.
func createUntilRefused(url string, worker int, created, lost *atomic.Int64) {
	transport := &http.Transport{DisableKeepAlives: worker%2 == 0}
	client := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	defer transport.CloseIdleConnections()
	for n := 0; ; n++ {
		body := strings.NewReader(fmt.Sprintf(`{"name": "load-%d-%d"}`, worker, n))
		resp, err := client.Post(url+"/api/v1/fruit/", "application/json", body)
		if errors.Is(err, syscall.ECONNREFUSED) {
			return
		}
		if err != nil || resp.StatusCode != http.StatusCreated {
			lost.Add(1)
			return
		}
		_ = resp.Body.Close()
		created.Add(1)
	}
}
