package balancer_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/balancer"
)

const askOnce = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

func TestPipelinedRequestsAreAnsweredInOrder(t *testing.T) {
	t.Parallel()
	target := adopted(serve(t, "i-1", "a", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		io.WriteString(w, r.URL.Path+string(body)+";")
	}))
	l, _ := listen(t, uncheckedPool(t, target))
	all := converse(t, l, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"+
		"PUT /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"+
		"PUT /3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n\r\n"+
		"HEAD /4 HTTP/1.1\r\nHost: x\r\n\r\n"+
		"GET /5 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"+
		"GET /6 HTTP/1.1\r\nHost: x\r\n\r\n")
	in := bufio.NewReader(strings.NewReader(all))
	for i, want := range []string{"/1;", "/2a;", "/3b;", "", "/5;"} {
		method := map[bool]string{true: http.MethodHead, false: http.MethodGet}[i == 3]
		resp, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("answer %d of %q: %v", i+1, all, err)
		}
		if body := read(t, resp); body != want {
			t.Errorf("answer %d: got %q, want %q", i+1, body, want)
		}
	}
	if _, err := in.ReadByte(); err != io.EOF {
		t.Errorf("after a request to close: got another answer in %q", all)
	}
}

func TestOldClientKeepsItsConnectionIfItAsks(t *testing.T) {
	t.Parallel()
	target := adopted(serve(t, "i-1", "a", named("ok")))
	l, _ := listen(t, uncheckedPool(t, target))
	once := "GET / HTTP/1.0\r\n"
	all := converse(t, l, once+"Connection: Keep-Alive\r\n\r\n"+once+"\r\n"+once+"\r\n")
	if n := strings.Count(all, "HTTP/1.1 200 OK"); n != 2 {
		t.Errorf("got %d answers, want 2: the second request does not ask to be kept; %q", n, all)
	}
	if n := strings.Count(all, "Connection: keep-alive"); n != 1 {
		t.Errorf("got %d times Connection: keep-alive, want 1; %q", n, all)
	}
}

// The balancer meets the expectation itself, and the target does not hear of
// it.
func TestExpectContinue(t *testing.T) {
	t.Parallel()
	var got http.Header
	target := adopted(serve(t, "i-1", "a", func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		io.Copy(w, r.Body)
	}))
	l, _ := listen(t, uncheckedPool(t, target))
	conn := dial(t, l)
	io.WriteString(conn, "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n")
	const want = "HTTP/1.1 100 Continue\r\n\r\n"
	interim := make([]byte, len(want))
	if _, err := io.ReadFull(conn, interim); err != nil || string(interim) != want {
		t.Fatalf("got %q, %v, want %q", interim, err, want)
	}
	io.WriteString(conn, "fruit")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if body := read(t, resp); body != "fruit" || got.Get("Expect") != "" {
		t.Errorf("got body %q, target's field Expect %q; want the body back and no field", body, got.Get("Expect"))
	}
}

func TestClientThatIsSilent(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ send, want string }{
		"before a request": {"", ""},
		"within the head":  {"GET / HTTP/1.1\r\nHo", "HTTP/1.1 408 Request Time-out\r\n"},
		"between requests": {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := adopted(serve(t, "i-1", "a", named("ok")))
			l, _ := listen(t, uncheckedPool(t, target), func(c *balancer.ListenerConfig) { c.IdleTimeout = 50 * time.Millisecond })
			answer := converse(t, l, tt.send)
			if !strings.HasPrefix(answer, tt.want) || strings.Count(answer, "HTTP/1.1") != min(len(tt.want), 1) {
				t.Errorf("sent %q and nothing more: got %q, want %q at its beginning", tt.send, answer, tt.want)
			}
		})
	}
}

func TestAnswerThatBreaksOffIsNotTakenForWhole(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"length": "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
		"chunks": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
		"broken": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf!!",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target, _ := scripted(t, answer)
			p := uncheckedPool(t, target)
			l, _ := listen(t, p)
			conn := dial(t, l)
			io.WriteString(conn, askOnce)
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err == nil {
				_, err = io.ReadAll(resp.Body)
			}
			if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("got %v, want an error that shows the answer is not whole", err)
			}
			if n := p.Status().InFlight; n != 0 {
				t.Errorf("in flight: got %d, want 0", n)
			}
		})
	}
}

func TestMalformedAnswersAre502(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"length and chunks":      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
		"two lengths":            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
		"folded line":            "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
		"status of two digits":   "HTTP/1.1 20 OK\r\n\r\n",
		"another protocol":       "HTTP/2.0 200 OK\r\n\r\n",
		"an upgrade unasked for": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target, _ := scripted(t, answer)
			l, _ := listen(t, uncheckedPool(t, target))
			if got := converse(t, l, askOnce); !strings.HasPrefix(got, "HTTP/1.1 502 Bad Gateway\r\n") {
				t.Errorf("the target answers %q: got %q, want 502", answer, got)
			}
		})
	}
}

// What a target sends beyond its answer is no answer to the next request.
func TestTargetThatSendsTooMuchIsNotKept(t *testing.T) {
	t.Parallel()
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	const much = ok + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
	target, _ := scripted(t, much, much, much)
	_, url := listen(t, uncheckedPool(t, target))
	if got := bodies(t, url, 3); got != "ok ok ok" {
		t.Errorf("3 requests: got %q, want ok each time, on a connection of its own", got)
	}
}

func TestOwnAnswerToHEADHasNoBody(t *testing.T) {
	t.Parallel()
	l, _ := listen(t, uncheckedPool(t))
	got := converse(t, l, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"+askOnce)
	first, rest, _ := strings.Cut(got, "\r\n\r\n")
	if !strings.HasPrefix(first, "HTTP/1.1 503 ") || !strings.HasPrefix(rest, "HTTP/1.1 503 ") {
		t.Errorf("got %q, want two answers 503, the first without a body", got)
	}
}

func TestEndOfListenerClosesIdleConnections(t *testing.T) {
	t.Parallel()
	target := adopted(serve(t, "i-1", "a", named("ok")))
	l, err := balancer.Listen(balancer.ListenerConfig{
		Address: "127.0.0.9:0", Pool: uncheckedPool(t, target), IdleTimeout: time.Minute, DrainTimeout: time.Minute, Logger: quiet,
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	ctx, end := context.WithCancel(context.Background())
	go func() { defer close(ended); l.Run(ctx) }()
	fresh, kept := dial(t, l), dial(t, l)
	io.WriteString(kept, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(kept), nil)
	if err != nil {
		t.Fatal(err)
	}
	read(t, resp)
	end()
	wait(t, "end of the listener, long before its drain timeout", ended)
	for name, conn := range map[string]net.Conn{"fresh": fresh, "kept": kept} {
		if n, err := conn.Read(make([]byte, 1)); n > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s connection: got %d bytes, %v; want it closed", name, n, err)
		}
	}
}

func TestTunnelEnds(t *testing.T) {
	t.Parallel()
	target := raw(t, "i-1", func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
			io.Copy(c, c)
		}
	})
	p := uncheckedPool(t, target)
	l, _ := listen(t, p, func(c *balancer.ListenerConfig) { c.IdleTimeout = 100 * time.Millisecond })
	conn := dial(t, l)
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly ")
	in := bufio.NewReader(conn)
	if resp, err := http.ReadResponse(in, nil); err != nil || resp.StatusCode != 101 || resp.Header.Get("Upgrade") != "echo" {
		t.Fatalf("got %v, %v, want 101", resp, err)
	}
	io.WriteString(conn, "late\n")
	if line, err := in.ReadString('\n'); line != "early late\n" {
		t.Errorf("got %q, %v, want what was sent with and after the request", line, err)
	}
	if rest, err := io.ReadAll(in); err != nil || len(rest) > 0 {
		t.Errorf("idle tunnel: got %q, %v, want it closed", rest, err)
	}
}
