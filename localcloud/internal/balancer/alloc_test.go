package balancer_test

import (
	"io"
	"net"
	"testing"
)

// TestRequestsDoNotAllocate asks over one connection and counts what the whole
// process allocates, so it must not run beside other tests.
func TestRequestsDoNotAllocate(t *testing.T) {
	const request = "GET /api/v1/fruit/ HTTP/1.1\r\nHost: fruit.example\r\nUser-Agent: test\r\nAccept: */*\r\n\r\n"
	const answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"items\": []}"
	target := raw(t, "i-1", func(c net.Conn) {
		in, out := make([]byte, 4<<10), []byte(answer)
		for {
			if _, err := c.Read(in); err != nil {
				return
			}
			c.Write(out)
		}
	})
	p := uncheckedPool(t, target)
	l, _ := listen(t, p)
	conn := dial(t, l)
	in, out := make([]byte, len(answer)), []byte(request)
	allocations := testing.AllocsPerRun(500, func() {
		if _, err := conn.Write(out); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, in); err != nil || string(in) != answer {
			t.Fatalf("got %q, %v, want %q", in, err, answer)
		}
	})
	if allocations != 0 {
		t.Errorf("got %v allocations for a request, want none", allocations)
	}
}
