package balancer

import (
	"context"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// watchInterval is how often it is looked for clients that have gone. One is
// found after two looks at most.
const watchInterval = 250 * time.Millisecond

// watch ends requests whose clients have closed their connections. Nobody
// reads from a client while its request is with a target, and a reader for
// each would cost a request as much as all the rest; so one goroutine asks the
// kernel, and only of requests that last.
func (l *Listener) watch(ctx context.Context) {
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			l.sessions.each((*session).look)
		}
	}
}

// look ends the request of a client that is gone, if it was there at the last
// look already.
func (s *session) look() {
	turn := s.turn.Load()
	if turn&1 == 1 && turn == s.seen && gone(s.socket) {
		s.cancel()
		if c := s.awaited.Swap(nil); c != nil {
			c.Close()
		}
	}
	s.seen = turn
}

// gone says whether the other end of a connection has closed it for writing,
// as every client does that closes it altogether.
func gone(conn any) (closed bool) {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	_ = raw.Control(func(fd uintptr) { // fails on a closed connection, whose session ends by itself
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		closed = err == nil && info.State != unix.BPF_TCP_ESTABLISHED
	})
	return closed
}
