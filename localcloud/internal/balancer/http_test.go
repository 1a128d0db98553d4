package balancer_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/health"
)

// adopted makes a target that is routed to without a check.
func adopted(t balancer.Target) balancer.Target {
	t.Last = health.Healthy
	return t
}

func TestRequestAsTheTargetSeesIt(t *testing.T) {
	t.Parallel()
	var got *http.Request
	target := serve(t, "i-1", "a", func(w http.ResponseWriter, r *http.Request) {
		got = r
		w.Header().Set("Connection", "X-Hop")
		w.Header().Set("X-Hop", "1")
		w.Header()["Content-Type"] = nil
		w.Header().Set("Location", "/api/v1/fruit/1/")
		w.WriteHeader(http.StatusCreated)
	})
	p := runPool(t, poolConfig(t), adopted(target))
	l, url := listen(t, p.Pool)
	req, err := http.NewRequest(http.MethodPost, url+"/a%2Fb?x=1;y=%zz&x=2", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "fruit.example"
	req.Header = http.Header{
		"X-Forwarded-For": {"203.0.113.7", "198.51.100.2"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Port": {"1"},
		"X-Forwarded-Host": {"other.example"}, "Forwarded": {"for=203.0.113.7"},
		"Connection": {"X-Secret"}, "X-Secret": {"1"}, "Proxy-Authorization": {"x"}, "Te": {"gzip"}, "User-Agent": {""},
	}
	resp, err := new(http.Transport).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	read(t, resp)
	_, port, _ := net.SplitHostPort(l.Address())
	want := http.Header{
		"X-Forwarded-For": {"203.0.113.7, 198.51.100.2, 127.0.0.1"}, "X-Forwarded-Proto": {"http"}, "X-Forwarded-Port": {port},
		"X-Forwarded-Host": {"other.example"}, "Forwarded": {"for=203.0.113.7"},
		"Accept-Encoding": {"gzip"}, "Content-Length": {"0"},
	}
	if diff := cmp.Diff(want, got.Header); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if got.Host != "fruit.example" || got.RequestURI != "/a%2Fb?x=1;y=%zz&x=2" || got.Method != http.MethodPost {
		t.Errorf("got %s %s at host %s, want all as the client sent it", got.Method, got.RequestURI, got.Host)
	}
	if resp.StatusCode != http.StatusCreated || resp.Header.Get("Location") != "/api/v1/fruit/1/" || resp.Header["X-Hop"] != nil || resp.Header["Content-Type"] != nil {
		t.Errorf("answer: got %d, header %v, want it as the target sent it without hop-by-hop", resp.StatusCode, resp.Header)
	}
}

func TestKeepsConnectionsToTargets(t *testing.T) {
	t.Parallel()
	var opened atomic.Int64
	s := httptest.NewUnstartedServer(named("ok"))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	start(t, s)
	p, err := balancer.NewPool(poolConfig(t)) // does not run: no checks
	if err != nil {
		t.Fatal(err)
	}
	p.SetTargets([]balancer.Target{{ID: "i-1", Address: s.Listener.Addr().String()}})
	_, url := listen(t, p)
	bodies(t, url, 5)
	if n := opened.Load(); n != 1 {
		t.Errorf("5 requests, one after another: got %d connections, want 1", n)
	}
	// The target closes it: that must be noticed before the next request.
	s.CloseClientConnections()
	if got := bodies(t, url, 1); got != "ok" || opened.Load() != 2 {
		t.Errorf("after the target closed: got %s on connection %d, want ok on a second one", got, opened.Load())
	}
}

func TestStreams(t *testing.T) {
	t.Parallel()
	more := make(chan struct{})
	target := serve(t, "i-1", "a", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "first\n")
		w.(http.Flusher).Flush()
		<-more
		io.WriteString(w, "second\n")
	})
	p := runPool(t, poolConfig(t), adopted(target))
	_, url := listen(t, p.Pool)
	resp, err := do(t, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	in := bufio.NewReader(resp.Body)
	if line, err := in.ReadString('\n'); line != "first\n" {
		t.Fatalf("before the target goes on: got %q, %v", line, err)
	}
	close(more)
	if line, err := in.ReadString('\n'); line != "second\n" {
		t.Errorf("then: got %q, %v", line, err)
	}
}

func TestStreamsRequests(t *testing.T) {
	t.Parallel()
	for _, length := range []int64{-1, 10} {
		t.Run(fmt.Sprint("length ", length), func(t *testing.T) {
			t.Parallel()
			got := make(chan string, 2)
			target := serve(t, "i-1", "a", func(_ http.ResponseWriter, r *http.Request) {
				in := make([]byte, 5)
				for range 2 {
					io.ReadFull(r.Body, in)
					got <- string(in)
				}
			})
			p := runPool(t, poolConfig(t), adopted(target))
			_, url := listen(t, p.Pool)
			pipe, out := io.Pipe()
			req, _ := http.NewRequest(http.MethodPut, url, pipe)
			req.ContentLength = length
			done := make(chan error, 1)
			go func() {
				resp, err := new(http.Transport).RoundTrip(req)
				if err == nil {
					resp.Body.Close()
				}
				done <- err
			}()
			io.WriteString(out, "first")
			if part := <-got; part != "first" {
				t.Errorf("first part: got %q", part)
			}
			io.WriteString(out, "other")
			out.Close()
			if part := <-got; part != "other" {
				t.Errorf("second part: got %q", part)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestLargeBodies(t *testing.T) {
	t.Parallel()
	target := serve(t, "i-1", "a", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Write(body)
	})
	p := runPool(t, poolConfig(t), adopted(target))
	_, url := listen(t, p.Pool)
	sent := make([]byte, 5<<20)
	rand.Read(sent)
	for name, body := range map[string]io.Reader{"length": bytes.NewReader(sent), "chunked": struct{ io.Reader }{bytes.NewReader(sent)}} {
		resp, err := do(t, http.MethodPost, url, body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := read(t, resp); got != string(sent) {
			t.Errorf("%s: got %d bytes that differ from the %d sent", name, len(got), len(sent))
		}
	}
}

func TestTargetAnswersBeforeItHasTheBody(t *testing.T) {
	t.Parallel()
	target := raw(t, "i-1", func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n")
			io.Copy(io.Discard, c)
		}
	})
	c := poolConfig(t)
	p := runPool(t, c, target)
	_, url := listen(t, p.Pool)
	pipe, out := io.Pipe()
	defer out.Close()
	req, _ := http.NewRequest(http.MethodPost, url, pipe)
	go io.WriteString(out, "the beginning of much")
	resp, err := new(http.Transport).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if body := read(t, resp); resp.StatusCode != 413 || body != "no\n" {
		t.Errorf("got %d %q, want the target's 413", resp.StatusCode, body)
	}
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	target := raw(t, "i-1", func(c net.Conn) {
		in := bufio.NewReader(c)
		r, err := http.ReadRequest(in)
		if err != nil || r.Header.Get("Upgrade") != "echo" || r.Header.Get("Connection") != "Upgrade" {
			return
		}
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello ")
		io.Copy(c, in)
	})
	p := runPool(t, poolConfig(t), target)
	l, _ := listen(t, p.Pool)
	conn, err := net.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("got %v, %v, want 101", resp, err)
	}
	io.WriteString(conn, "world\n")
	if line, err := in.ReadString('\n'); line != "hello world\n" {
		t.Errorf("got %q, %v, want an echo", line, err)
	}
	if n := p.Status().InFlight; n != 1 {
		t.Errorf("in flight while upgraded: got %d, want 1", n)
	}
}

func TestAnswersOfItsOwn(t *testing.T) {
	t.Parallel()
	answer := func(text string) func(net.Conn) {
		return func(c net.Conn) {
			http.ReadRequest(bufio.NewReader(c))
			io.WriteString(c, text)
		}
	}
	reset := func(c net.Conn) {
		http.ReadRequest(bufio.NewReader(c))
		c.(*net.TCPConn).SetLinger(0)
	}
	refused := balancer.Target{ID: "i-1", Address: "127.0.1.6:1", Last: health.Healthy}
	tests := []struct {
		name   string
		target balancer.Target
		want   int
	}{
		{"refuses", refused, 502},
		{"closes without an answer", raw(t, "i-1", answer("")), 502},
		{"resets", raw(t, "i-1", reset), 502},
		{"talks no HTTP", raw(t, "i-1", answer("220 mail ready\r\n")), 502},
		{"breaks off in the header", raw(t, "i-1", answer("HTTP/1.1 200 OK\r\nX: ")), 502},
		{"header too long", raw(t, "i-1", answer("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 33<<10)+"\r\n\r\n")), 502},
		{"header just fits", raw(t, "i-1", answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: "+strings.Repeat("x", 31<<10)+"\r\n\r\n")), 200},
		{"body too", raw(t, "i-1", answer("HTTP/1.0 200 OK\r\n\r\n"+strings.Repeat("x", 64<<10))), 200},
		{"interim answer first", raw(t, "i-1", answer("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")), 204},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := poolConfig(t)
			p, err := balancer.NewPool(c)
			if err != nil {
				t.Fatal(err)
			}
			p.SetTargets([]balancer.Target{tt.target})
			l, url := listen(t, p)
			status, body := get(t, url)
			if status != tt.want {
				t.Errorf("got %d, want %d; body %q", status, tt.want, body)
			}
			if own := l.Status().Own; status == 502 && (own[502] != 1 || !strings.Contains(body, "502 Bad Gateway")) {
				t.Errorf("own answers: got %v, body %q", own, body)
			}
		})
	}
}

// TestNoRetry breaks a kept connection under a GET, which Go's own transport
// would send again.
func TestNoRetry(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	broken := raw(t, "i-1", func(c net.Conn) {
		in := bufio.NewReader(c)
		for {
			if _, err := http.ReadRequest(in); err != nil || requests.Add(1) == 2 {
				return
			}
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	})
	p, err := balancer.NewPool(poolConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	p.SetTargets([]balancer.Target{broken})
	_, url := listen(t, p)
	bodies(t, url, 1)
	if status, _ := get(t, url); status != 502 || requests.Load() != 2 {
		t.Errorf("second request: got %d, the target got %d requests, want 502 and 2", status, requests.Load())
	}
}

func TestClientCloses(t *testing.T) {
	t.Parallel()
	arrived, left := make(chan struct{}), make(chan struct{})
	target := serve(t, "i-1", "a", func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		close(left)
	})
	p := runPool(t, poolConfig(t), adopted(target))
	l, url := listen(t, p.Pool)
	ctx, cancel := context.WithCancel(context.Background())
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if resp, err := new(http.Transport).RoundTrip(req); err == nil {
			t.Errorf("got %v, want the client's own error", resp)
		}
	}()
	wait(t, "request at the target", arrived)
	cancel()
	<-done
	wait(t, "target's connection closed", left)
	for deadline := time.Now().Add(patience); l.Status().Own[460] != 1 || p.Status().InFlight != 0; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("got listener %+v, pool %+v, want one 460 and nothing in flight", l.Status(), p.Status())
		}
	}
}

func TestOtherProtocol(t *testing.T) {
	t.Parallel()
	p := runPool(t, poolConfig(t))
	l, _ := listen(t, p.Pool)
	conn, err := net.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	line, err := bufio.NewReader(conn).ReadString('\n')
	if !strings.Contains(line, " 464 ") {
		t.Errorf("got %q, %v, want status 464", line, err)
	}
}
