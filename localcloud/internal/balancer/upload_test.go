package balancer_test

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"io"
	"net"
	"net/http"
	"runtime"
	"testing"
	"time"

	"orchard/localcloud/internal/balancer"
)

// reading is a target that says when the head of a request has come, and then
// reads its body to the end.
func reading(t *testing.T) (balancer.Target, chan struct{}) {
	t.Helper()
	arrived := make(chan struct{}, 1)
	return raw(t, "i-1", func(c net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return
		}
		arrived <- struct{}{}
		if _, err := io.Copy(io.Discard, r.Body); err == nil {
			io.WriteString(c, answerOK)
		}
	}), arrived
}

// awaitOwn waits until the listener has given an answer of its own.
func awaitOwn(t *testing.T, l *balancer.Listener, status int) {
	t.Helper()
	for deadline := time.Now().Add(patience); l.Status().Own[status] != 1; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("own answers: got %v, want one %d", l.Status().Own, status)
		}
	}
}

func TestClientLeavesWithinItsBody(t *testing.T) {
	t.Parallel()
	target, arrived := reading(t)
	p := uncheckedPool(t, target)
	l, _ := listen(t, p)
	conn := dial(t, l)
	io.WriteString(conn, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
	wait(t, "request at the target", arrived)
	conn.Close()
	awaitOwn(t, l, balancer.StatusClientClosed)
	if n := p.Status().InFlight; n != 0 {
		t.Errorf("in flight: got %d, want 0", n)
	}
}

func TestBodyTurnsOutMalformedOnItsWay(t *testing.T) {
	t.Parallel()
	target, arrived := reading(t)
	l, _ := listen(t, uncheckedPool(t, target))
	conn := dial(t, l)
	io.WriteString(conn, "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfruit\r\n")
	wait(t, "request at the target", arrived)
	io.WriteString(conn, "no size\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != http.StatusBadRequest || !resp.Close {
		t.Errorf("got %v, %v, want 400 and a close", resp, err)
	}
	awaitOwn(t, l, http.StatusBadRequest)
}

// A body that comes after its head leaves the client's connection fit for the
// next request.
func TestConnectionIsKeptAfterAnUpload(t *testing.T) {
	t.Parallel()
	target, arrived := reading(t)
	l, _ := listen(t, uncheckedPool(t, target))
	conn := dial(t, l)
	in := bufio.NewReader(conn)
	for range 2 {
		io.WriteString(conn, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
		wait(t, "request at the target", arrived)
		io.WriteString(conn, "fruit")
		resp, err := http.ReadResponse(in, nil)
		if err != nil || resp.StatusCode != http.StatusOK || resp.Close {
			t.Fatalf("got %v, %v, want 200 and the connection kept", resp, err)
		}
		read(t, resp)
	}
}

func TestFlowCarriesMuchBothWays(t *testing.T) {
	t.Parallel()
	p := healthyPool(t, raw(t, "i-1", func(c net.Conn) { io.Copy(c, c) }))
	l := runFlows(t, p.Pool)
	sent := make([]byte, 5<<20)
	rand.Read(sent)
	c := connect(t, l)
	go func() {
		c.Write(sent[:100]) // little, then much, then little
		c.Write(sent[100:])
		c.CloseWrite()
	}()
	got, err := io.ReadAll(c)
	if err != nil || !bytes.Equal(got, sent) {
		t.Errorf("got %d bytes, %v; want the %d sent", len(got), err, len(sent))
	}
}
