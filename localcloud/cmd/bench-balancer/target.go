package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
)

// kind is a request that is measured.
type kind struct {
	name   string
	path   string
	layer7 bool
	answer []byte
}

var (
	endOfHead = []byte("\r\n\r\n")

	// small is an answer as the service gives them: some 300 bytes of JSON.
	small = answer(`{"items":[` + strings.TrimSuffix(strings.Repeat(`{"id":"0198c7f2-5a31","name":"Cox's Orange Pippin","price":"2.40"},`, 4), ",") + `]}`)
	large = answer(strings.Repeat("x", 1<<20))

	kinds = []kind{
		{"HTTP, 300 bytes", "/api/v1/fruit/", true, small},
		{"TCP, 300 bytes", "/api/v1/fruit/", false, small},
		{"HTTP, 1 MiB", "/large", true, large},
		{"TCP, 1 MiB", "/large", false, large},
	}
)

func answer(page string) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Thu, 26 Nov 2026 12:00:00 GMT\r\nContent-Length: %d\r\n\r\n%s", len(page), page)
}

// page is the length of the answer's body.
func (k kind) page() int { return len(k.answer) - bytes.Index(k.answer, endOfHead) - len(endOfHead) }

func (k kind) request() []byte {
	return []byte("GET " + k.path + " HTTP/1.1\r\nHost: fruit.example\r\nUser-Agent: bench/1.0\r\nAccept: application/json\r\nAccept-Encoding: gzip\r\n\r\n")
}

// serveTargets answers requests without a body on every address. It is to cost
// as little as can be, so that it is never what a run waits for.
func serveTargets(ctx context.Context, addresses []string) error {
	for _, address := range addresses {
		socket, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		defer socket.Close()
		go func() {
			for {
				conn, err := socket.Accept()
				if err != nil {
					return
				}
				go respond(conn)
			}
		}()
	}
	<-ctx.Done()
	return nil
}

func respond(conn net.Conn) {
	defer conn.Close()
	buf := make([]byte, 16<<10)
	for held := 0; ; {
		n, err := conn.Read(buf[held:])
		if err != nil {
			return
		}
		if held += n; !bytes.HasSuffix(buf[:held], endOfHead) {
			continue
		}
		held = 0
		text := small
		if bytes.HasPrefix(buf, []byte("GET /large ")) {
			text = large
		}
		if _, err := conn.Write(text); err != nil {
			return
		}
	}
}
