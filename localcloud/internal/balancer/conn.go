package balancer

import (
	"math"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// conn is a connection, a client's or one to a target, on which a byte must
// move within the idle time, in whichever direction.
type conn struct {
	net.Conn
	idle  time.Duration
	moved atomic.Int64 // Unix time of the deadline's last move, in ns
	mu    sync.Mutex   // held while the deadline moves
}

// touch moves the deadline of both directions to an idle time from now. It
// does so in steps of a sixty-fourth, which is how much later than the idle
// time a deadline may be.
func (c *conn) touch() {
	now := time.Now()
	if now.UnixNano()-c.moved.Load() >= int64(c.idle/64) {
		c.move(now)
	}
}

func (c *conn) move(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.UnixNano() < c.moved.Load() {
		return
	}
	c.moved.Store(now.UnixNano())
	// A connection that refuses a deadline is closed; Read or Write says so.
	_ = c.SetDeadline(now.Add(c.idle + c.idle/64))
}

// stopReading ends a Read that waits, and every later one. What is written
// has an idle time from now.
func (c *conn) stopReading() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved.Store(math.MaxInt64)
	_ = c.SetReadDeadline(time.Unix(1, 0)) // one that refuses is closed
	_ = c.SetWriteDeadline(time.Now().Add(c.idle))
}

func (c *conn) Read(p []byte) (int, error) {
	c.touch()
	return c.Conn.Read(p)
}

func (c *conn) Write(p []byte) (int, error) {
	c.touch()
	return c.Conn.Write(p)
}
