package balancer

import (
	"errors"
	"net"
	"syscall"
	"time"
)

// maxResponseHeader is the size above which the header of an answer is
// malformed. Source: Application Load Balancers, HTTP 502.
const maxResponseHeader = 32 << 10

// backConn is a connection to a target, used for one request at a time.
type backConn struct {
	conn
	in    buffer
	freed time.Time
	peek  *peeker // nil: cannot be kept alive
}

func newBackConn(socket net.Conn, idle time.Duration) *backConn {
	c := &backConn{conn: conn{Conn: socket, idle: idle}, peek: newPeeker(socket)}
	c.in = newBuffer(&c.conn)
	return c
}

// reuse says whether a connection that was free can take a request, and
// starts its idle clock anew.
func (c *backConn) reuse(idle time.Duration) bool {
	if c.expired() || !c.in.empty() {
		return false
	}
	if c.idle != idle {
		c.idle = idle
		c.moved.Store(0)
	}
	return c.peek.quiet()
}

func (c *backConn) expired() bool { return time.Since(c.freed) >= c.idle }

// peeker looks whether anything came in on a connection that should be
// quiet: the target's closing it, most of the time.
type peeker struct {
	raw  syscall.RawConn
	look func(fd uintptr) bool
	buf  [1]byte
	err  error
}

func newPeeker(socket net.Conn) *peeker {
	s, ok := socket.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return nil
	}
	p := &peeker{raw: raw}
	p.look = func(fd uintptr) bool {
		_, _, p.err = syscall.Recvfrom(int(fd), p.buf[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true
	}
	return p
}

func (p *peeker) quiet() bool {
	return p.raw.Read(p.look) == nil && errors.Is(p.err, syscall.EAGAIN)
}
