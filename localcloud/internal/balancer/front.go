package balancer

import (
	"net"
	"sync/atomic"
	"time"
)

// frontListener accepts connections whose clients must take what is written
// to them within the idle time.
type frontListener struct {
	net.Listener
	idle time.Duration
}

func (l frontListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &frontConn{Conn: c, idle: l.idle}, nil
}

type frontConn struct {
	net.Conn
	idle  time.Duration
	moved atomic.Int64 // Unix time of the deadline's last move, in ns
}

func (c *frontConn) Write(p []byte) (int, error) {
	now := time.Now()
	if step := c.idle / 64; now.UnixNano()-c.moved.Load() >= int64(step) {
		c.moved.Store(now.UnixNano())
		// A connection that refuses a deadline is closed; Write says so.
		_ = c.SetWriteDeadline(now.Add(c.idle + step))
	}
	return c.Conn.Write(p)
}
