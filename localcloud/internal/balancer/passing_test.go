package balancer_test

import (
	"strings"
	"testing"
)

func TestPassesOnNearlyAsItCame(t *testing.T) {
	t.Parallel()
	ok := "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	okClosed := "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
	chunks := "3;ext=\"1\"\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n"
	const closing = "Connection: close\r\n"
	tests := map[string]struct {
		send, target, answer, want string // target has %F for the forwarded fields
	}{
		"fields as they are spelt": {
			"GET /a?b HTTP/1.1\r\nhost: x \r\nACCEPT:a\r\naccept:\tb\r\n" + closing + "\r\n",
			"GET /a?b HTTP/1.1\r\nHost: x\r\nACCEPT:a\r\naccept:\tb\r\n%F", ok, okClosed,
		},
		"target names the host": {
			"GET http://y:1?q HTTP/1.1\r\nHost: x\r\n" + closing + "\r\n", "GET /?q HTTP/1.1\r\nHost: y:1\r\n%F", ok, okClosed,
		},
		"the same length twice": {
			"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n" + closing + "\r\nab",
			"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n%Fab", ok, okClosed,
		},
		"chunks both ways": {
			"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + closing + "\r\n" + chunks,
			"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n%F" + chunks,
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks,
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + closing + "\r\n" + chunks,
		},
		"no length: until the close": {
			"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n%F",
			"HTTP/1.1 200 OK\r\nX: 1\r\n\r\nsome", "HTTP/1.1 200 OK\r\nX: 1\r\n" + closing + "\r\nsome",
		},
		"HTTP/1.0 gets no chunks": {
			"GET / HTTP/1.0\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n%F",
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, "HTTP/1.1 200 OK\r\n" + closing + "\r\nabc0123456789",
		},
		"a target of HTTP/1.0": {
			"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n%F",
			"HTTP/1.0 404 Nothing here\r\n\r\nno", "HTTP/1.1 404 Nothing here\r\n" + closing + "\r\nno",
		},
		"HEAD has no body": {
			"HEAD / HTTP/1.1\r\nHost: x\r\n" + closing + "\r\n", "HEAD / HTTP/1.1\r\nHost: x\r\n%F",
			"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n" + closing + "\r\n",
		},
		"204 has no body": {
			"GET / HTTP/1.1\r\nHost: x\r\n" + closing + "\r\n", "GET / HTTP/1.1\r\nHost: x\r\n%F",
			"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 204 No Content\r\n" + closing + "\r\n",
		},
		"304 has no body": {
			"GET / HTTP/1.1\r\nHost: x\r\n" + closing + "\r\n", "GET / HTTP/1.1\r\nHost: x\r\n%F",
			"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n" + closing + "\r\n",
		},
		"an empty reason": {
			"GET / HTTP/1.1\r\nHost: x\r\n" + closing + "\r\n", "GET / HTTP/1.1\r\nHost: x\r\n%F",
			"HTTP/1.1 299\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 299\r\nContent-Length: 0\r\n" + closing + "\r\n",
		},
		"an upgrade that is declined": {
			"GET / HTTP/1.1\r\nHost: x\r\nConnection: close, upgrade\r\nUpgrade: echo\r\n\r\n",
			"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n%F", ok, okClosed,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target, got := scripted(t, tt.answer)
			l, _ := listen(t, uncheckedPool(t, target))
			if answer := converse(t, l, tt.send); answer != tt.want {
				t.Errorf("sent %q: the client got\n%q, want\n%q", tt.send, answer, tt.want)
			}
			if asked := <-got; asked != strings.Replace(tt.target, "%F", forwarded(l), 1) {
				t.Errorf("sent %q: the target got\n%q, want\n%q", tt.send, asked, tt.target)
			}
		})
	}
}
