package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
)

// page is the body of every answer: about 300 bytes of JSON.
var page = `{"items":[` + strings.TrimSuffix(strings.Repeat(`{"id":"0198c7f2-5a31","name":"Cox's Orange Pippin","price":"2.40"},`, 4), ",") + `]}`

var (
	answer = []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Thu, 26 Nov 2026 12:00:00 GMT\r\n" +
		fmt.Sprintf("Content-Length: %d\r\n\r\n", len(page)) + page)
	endOfHead = []byte("\r\n\r\n")
)

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
		if _, err := conn.Write(answer); err != nil {
			return
		}
	}
}
