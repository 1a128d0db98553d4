package balancer

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"
)

// maxResponseHeader is the size above which the header of an answer is
// malformed. Source: Application Load Balancers, HTTP 502.
const maxResponseHeader = 32 << 10

var errHeaderTooLong = fmt.Errorf("the header of the answer is longer than %d bytes", maxResponseHeader)

// backConn is a connection to a target, used for one request at a time.
type backConn struct {
	net.Conn
	in  *bufio.Reader
	out sink
	cut func() // closes it

	idle       time.Duration
	moved      atomic.Int64 // Unix time of the deadline's last move, in ns
	headerLeft int64        // bytes that may still be read; negative for no limit
	freed      time.Time
	peek       *peeker // nil: cannot be kept alive
}

func newBackConn(socket net.Conn, idle time.Duration) *backConn {
	c := &backConn{Conn: socket, idle: idle, peek: newPeeker(socket), headerLeft: -1}
	c.in = bufio.NewReader(c)
	c.out = sink{bufio.NewWriter(c)}
	c.cut = func() { c.Close() }
	return c
}

// reuse says whether a connection that was free can take a request, and
// starts its idle clock anew.
func (c *backConn) reuse(idle time.Duration) bool {
	if c.expired() || c.in.Buffered() > 0 {
		return false
	}
	c.idle = idle
	c.moved.Store(0)
	c.touch()
	return c.peek.quiet()
}

func (c *backConn) expired() bool { return time.Since(c.freed) >= c.idle }

// touch moves the deadline of both directions to an idle time from now. It
// does so in steps of a sixty-fourth, which is how much later than the idle
// time a deadline may be.
func (c *backConn) touch() {
	now := time.Now()
	step := c.idle / 64
	last := c.moved.Load()
	if now.UnixNano()-last < int64(step) || !c.moved.CompareAndSwap(last, now.UnixNano()) {
		return
	}
	// A connection that refuses a deadline is closed; Read or Write says so.
	_ = c.SetDeadline(now.Add(c.idle + step))
}

func (c *backConn) Read(p []byte) (int, error) {
	c.touch()
	if c.headerLeft == 0 {
		return 0, errHeaderTooLong
	}
	if c.headerLeft > 0 && int64(len(p)) > c.headerLeft {
		p = p[:c.headerLeft]
	}
	n, err := c.Conn.Read(p)
	if c.headerLeft > 0 {
		c.headerLeft -= int64(n)
	}
	return n, err
}

func (c *backConn) Write(p []byte) (int, error) {
	c.touch()
	return c.Conn.Write(p)
}

// receive reads the header of the answer. Interim answers are dropped.
func (c *backConn) receive(req *http.Request) (*http.Response, error) {
	c.headerLeft = maxResponseHeader
	defer func() { c.headerLeft = -1 }()
	for {
		resp, err := http.ReadResponse(c.in, req)
		if err != nil || resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
}

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
