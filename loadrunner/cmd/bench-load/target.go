package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"golang.org/x/sys/unix"
)

// answer is as the service gives them: some 300 bytes of JSON.
var answer = reply(`{"items":[` + strings.TrimSuffix(strings.Repeat(`{"id":"0198c7f2-5a31","name":"Cox's Orange Pippin","price":"2.40"},`, 4), ",") + `]}`)

func reply(body string) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Thu, 26 Nov 2026 12:00:00 GMT\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// count is the path at which the target says how many requests it has served.
const count = "/served"

// serve answers requests without a body, on one thread, until it is killed. It prints
// its address.
func serve(stdout io.Writer) error {
	listener, err := listen(stdout)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	poll, err := unix.EpollCreate1(0)
	if err != nil {
		return fmt.Errorf("create epoll: %w", err)
	}
	watch := func(fd int, events uint32) error {
		return unix.EpollCtl(poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)})
	}
	if err := watch(listener, unix.EPOLLIN); err != nil {
		return fmt.Errorf("watch listener: %w", err)
	}
	events, buf, served := make([]unix.EpollEvent, 256), make([]byte, 64<<10), 0
	for {
		n, err := unix.EpollWait(poll, events, -1)
		if err != nil && err != unix.EINTR {
			return fmt.Errorf("wait for sockets: %w", err)
		}
		for _, e := range events[:max(0, n)] {
			if fd := int(e.Fd); fd != listener {
				respond(fd, buf, &served)
			} else if conn, _, err := unix.Accept4(listener, unix.SOCK_NONBLOCK); err == nil {
				_ = unix.SetsockoptInt(conn, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
				_ = watch(conn, unix.EPOLLIN|unix.EPOLLET&0xffffffff)
			}
		}
	}
}

func listen(stdout io.Writer) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, err
	}
	if err := unix.Listen(fd, 4096); err != nil {
		return 0, err
	}
	address, err := unix.Getsockname(fd)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(stdout, "127.0.0.1:%d\n", address.(*unix.SockaddrInet4).Port)
	return fd, nil
}

// respond answers what came over a connection, which is one request.
func respond(fd int, buf []byte, served *int) {
	n, err := unix.Read(fd, buf)
	switch {
	case err == unix.EAGAIN:
	case n <= 0:
		_ = unix.Close(fd)
	case bytes.HasPrefix(buf[:n], []byte("GET "+count+" ")):
		_, _ = unix.Write(fd, reply(fmt.Sprint(*served)))
	default:
		*served++
		_, _ = unix.Write(fd, answer) // a connection that is gone is closed when it is read
	}
}
