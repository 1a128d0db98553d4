package balancer_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/balancer"
)

// scripted is a target that answers one request after another with the given
// texts, and then closes. What it gets, heads and bodies as they came, is sent
// to the channel when it has closed.
func scripted(t *testing.T, answers ...string) (balancer.Target, chan string) {
	t.Helper()
	got := make(chan string, 100)
	return raw(t, "i-1", func(c net.Conn) {
		var all strings.Builder
		in := bufio.NewReader(io.TeeReader(c, &all))
		for _, answer := range answers {
			r, err := http.ReadRequest(in)
			if err != nil {
				break
			}
			io.Copy(io.Discard, r.Body)
			io.WriteString(c, answer)
		}
		c.Close()
		got <- all.String()
	}), got
}

// dial is a client that sends bytes of its own choice.
func dial(t *testing.T, l *balancer.Listener) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// converse sends a text and reads all that is answered until the balancer
// closes.
func converse(t *testing.T, l *balancer.Listener, text string) string {
	t.Helper()
	conn := dial(t, l)
	io.WriteString(conn, text)
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("read the answer to %.60q: got %q, %v", text, answer, err)
	}
	return string(answer)
}

// forwarded are the fields that the balancer adds for a client on 127.0.0.1.
func forwarded(l *balancer.Listener) string {
	_, port, _ := net.SplitHostPort(l.Address())
	return "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: " + port + "\r\n\r\n"
}

func TestRefusesWhatCouldBeReadInTwoWays(t *testing.T) {
	t.Parallel()
	get := func(fields string) string { return "GET / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n" }
	chunked := func(body string) string { return get("Transfer-Encoding: chunked\r\n") + body }
	for name, text := range map[string]string{
		"length and chunks":         get("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n",
		"two lengths":               get("Content-Length: 5\r\nContent-Length: 6\r\n") + "123456",
		"list of lengths":           get("Content-Length: 5, 5\r\n") + "12345",
		"signed length":             get("Content-Length: +5\r\n") + "12345",
		"endless length":            get("Content-Length: 99999999999999999999\r\n"),
		"empty length":              get("Content-Length:\r\n"),
		"unknown coding":            get("Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n",
		"coding twice":              get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n",
		"misspelt coding":           get("Transfer-Encoding: \vchunked\r\n") + "0\r\n\r\n",
		"chunks in HTTP/1.0":        "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"folded line":               get("X: a\r\n b\r\n"),
		"space before colon":        get("Content-Length : 5\r\n") + "12345",
		"space before name":         get(" X: a\r\n"),
		"name beyond ASCII":         get("x-\u00ff: a\r\n"),
		"no colon":                  get("X\r\n"),
		"empty name":                get(": a\r\n"),
		"line feed alone":           "GET / HTTP/1.1\nHost: x\n\n",
		"line feed in the head":     get("X: a\nY: b\r\n"),
		"carriage return in value":  get("X: a\rb\r\n"),
		"zero in value":             get("X: a\x00b\r\n"),
		"no host":                   "GET / HTTP/1.1\r\n\r\n",
		"two hosts":                 get("Host: y\r\n"),
		"path in host":              "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n",
		"user in host":              "GET http://a@b/ HTTP/1.1\r\nHost: x\r\n\r\n",
		"no version":                "GET /\r\nHost: x\r\n\r\n",
		"malformed version":         "GET / HTTP/1.x\r\nHost: x\r\n\r\n",
		"two spaces":                "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
		"tab in the request line":   "GET /\ta HTTP/1.1\r\nHost: x\r\n\r\n",
		"malformed method":          "G(T / HTTP/1.1\r\nHost: x\r\n\r\n",
		"tunnel":                    "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
		"length as own field":       get("Connection: content-length\r\nContent-Length: 5\r\n") + "12345",
		"host as own field":         get("Connection: host\r\n"),
		"chunk size signed":         chunked("-1\r\n"),
		"chunk size with prefix":    chunked("0x1\r\na\r\n0\r\n\r\n"),
		"chunk size with space":     chunked("1 \r\na\r\n0\r\n\r\n"),
		"chunk size missing":        chunked("\r\na\r\n0\r\n\r\n"),
		"chunk size too large":      chunked("1000000000000000\r\n"),
		"chunk ends with line feed": chunked("1\na\n0\n\n"),
		"chunk longer than said":    chunked("1\r\nab\r\n0\r\n\r\n"),
		"chunk extension too long":  chunked("1;" + strings.Repeat("x", 2000) + "\r\na\r\n0\r\n\r\n"),
		"trailer folded":            chunked("0\r\n X: a\r\n\r\n"),
		"trailer too long":          chunked("0\r\nX: " + strings.Repeat("x", 9000) + "\r\n\r\n"),
		"head too long":             get("X: " + strings.Repeat("x", 64<<10) + "\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target, _ := scripted(t, answerOK)
			l, _ := listen(t, uncheckedPool(t, target))
			answer := converse(t, l, text)
			if !strings.HasPrefix(answer, "HTTP/1.1 400 Bad Request\r\n") || !strings.Contains(answer, "\r\nConnection: close\r\n") {
				t.Errorf("sent %.100q: got %q, want 400 and a close", text, answer)
			}
			if strings.Count(answer, "HTTP/1.1") != 1 {
				t.Errorf("sent %.100q: got %q, want one answer", text, answer)
			}
			if n := l.Status().Own[400]; n != 1 {
				t.Errorf("sent %.100q: counted %d answers 400, want 1", text, n)
			}
		})
	}
}
