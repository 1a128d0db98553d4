package balancer

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"strings"
	"testing"
)

// FuzzRequest holds what a target must be able to rely on: what the balancer
// accepts and passes on is for another reader, net/http's, the same request
// with the same body, and has no field twice that frames it.
func FuzzRequest(f *testing.F) {
	for _, fields := range []string{
		"", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "content-length:\t5 \r\nContent-Length: 5\r\n",
		"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Content-Length : 5\r\n", "X: a\r\n b\r\n", "X: a\nY: b\r\n",
		"Connection: close, X-A, keep-alive\r\nX-A: 1\r\n", "Connection: content-length\r\nContent-Length: 5\r\n",
		"Connection: Upgrade\r\nUpgrade: h2c\r\n", "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\n",
		"Expect: 100-continue\r\nContent-Length: 5\r\n", "Host: y\r\n", "TE: trailers\r\nTrailer: X\r\n", "Transfer-Encoding: identity\r\n",
	} {
		f.Add([]byte("POST /fruit?a=b HTTP/1.1\r\nHost: x\r\n" + fields + "\r\nhello"))
	}
	f.Add([]byte("GET http://y:1?q HTTP/1.1\r\nHost: x\r\n\r\n"))
	f.Add([]byte("OPTIONS * HTTP/1.0\r\nHost:\r\n\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		n, err := headLength(text, 0)
		if err != nil || n == 0 {
			return
		}
		s := session{trace: traceOf("127.0.0.1", "http", "80")}
		if s.request.parse(text[:n]) != nil || s.request.authority == nil {
			return
		}
		r := &s.request
		out := s.appendRequest(nil)
		if len(r.authority) == 0 {
			return // net/http wants a host; the target decides
		}
		got, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(out)))
		if err != nil {
			if strings.Contains(err.Error(), "invalid URI") || strings.Contains(err.Error(), "parse ") || strings.Contains(err.Error(), "malformed Host") {
				return // what a path or a host may be is the target's business
			}
			t.Fatalf("accepted %q and passed on %q: %v", text[:n], out, err)
		}
		length := max(r.length, 0)
		if r.chunked {
			length = -1
		}
		if got.Method != string(r.method) || got.ContentLength != length || got.Host != string(r.authority) || got.ProtoMinor != 1 {
			t.Errorf("accepted %q as %s for %s with %d bytes of body, passed it on as %s for %s with %d",
				text[:n], r.method, r.authority, length, got.Method, got.Host, got.ContentLength)
		}
		var again requestHead
		if m, err := headLength(out, 0); err != nil || m != len(out) || again.parse(out) != nil {
			t.Errorf("passed on %q, which is no head of a request", out)
		}
	})
}

// FuzzChunks holds that a chunked body has for net/http the same payload and
// the same end, in whatever pieces it comes.
func FuzzChunks(f *testing.F) {
	for _, body := range []string{
		"0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "5;a=b\r\nhello\r\n0\r\nX: 1\r\n\r\nmore", "00A\r\n0123456789\r\n0\r\n\r\n",
		"5 \r\nhello\r\n0\r\n\r\n", "5\nhello\n0\n\n", "-5\r\nhello\r\n0\r\n\r\n", "5\r\nhello!\r\n0\r\n\r\n", "fffffffffffffffff\r\n",
	} {
		f.Add([]byte(body), uint8(3))
	}
	f.Fuzz(func(t *testing.T, body []byte, size uint8) {
		payload, used, ended, err := takeApart(body, max(int(size), 1))
		if whole, usedWhole, endedWhole, errWhole := takeApart(body, max(len(body), 1)); !bytes.Equal(payload, whole) && err == nil ||
			used != usedWhole && err == nil || ended != endedWhole || (err == nil) != (errWhole == nil) {
			t.Fatalf("%q in pieces of %d: got %q, %v; as a whole %q, %v", body, size, payload, err, whole, errWhole)
		}
		if err != nil || !ended {
			return
		}
		want, err := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(body)))
		if err != nil || !bytes.Equal(payload, want) {
			t.Errorf("%q: got payload %q, net/http reads %q, %v", body, payload, want, err)
		}
	})
}

// takeApart reads a chunked body in pieces of a size.
func takeApart(body []byte, size int) (payload []byte, used int, ended bool, err error) {
	framing := inChunks()
	for rest := body; len(rest) > 0 && !framing.ended; {
		b := buffer{data: rest[:min(size, len(rest))]}
		b.end = len(b.data)
		if payload, err = b.move(payload, &framing, true); err != nil {
			return payload, used, false, err
		}
		taken := b.end - b.start
		taken = min(size, len(rest)) - taken
		rest, used = rest[taken:], used+taken
	}
	return payload, used, framing.ended, nil
}

// TestHotPathDoesNotAllocate parses a request and an answer and renders both.
func TestHotPathDoesNotAllocate(t *testing.T) {
	request := []byte("GET /api/v1/fruit/?limit=20 HTTP/1.1\r\nHost: fruit.example\r\nUser-Agent: test\r\nAccept: */*\r\nConnection: keep-alive\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n")
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n")
	s := session{trace: traceOf("127.0.0.1", "http", "80")}
	allocations := testing.AllocsPerRun(100, func() {
		n, err := headLength(request, 0)
		if err != nil || s.request.parse(request[:n]) != nil {
			t.Fatal("the request was refused")
		}
		s.out = s.appendRequest(s.out[:0])
		if n, err = headLength(answer, 0); err != nil || s.x.answer.parse(answer[:n]) != nil {
			t.Fatal("the answer was refused")
		}
		s.out = s.appendAnswer(s.out[:0], false, true)
	})
	if allocations != 0 {
		t.Errorf("got %v allocations, want none", allocations)
	}
}
