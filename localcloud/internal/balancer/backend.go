package balancer

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// connectTimeout is how long a target may take to accept a connection.
// Source: Application Load Balancers, HTTP 504.
const connectTimeout = 10 * time.Second

var errDrained = errors.New("the target is no longer registered")

// backend is the connections to one target.
type backend struct {
	address string
	dial    DialFunc

	mu     sync.Mutex
	free   []*backConn // the last one used at the end
	open   map[*backConn]struct{}
	sweep  *time.Timer // nil when nothing is free
	closed bool
}

func newBackend(address string, dial DialFunc) *backend {
	return &backend{address: address, dial: dial, open: map[*backConn]struct{}{}}
}

// take is a connection that is free and alive, or a new one.
func (b *backend) take(ctx context.Context, idle time.Duration) (*backConn, *failure) {
	for {
		c := b.pop()
		if c == nil {
			return b.connect(ctx, idle)
		}
		if c.reuse(idle) {
			return c, nil
		}
		b.drop(c)
	}
}

func (b *backend) pop() *backConn {
	b.mu.Lock()
	defer b.mu.Unlock()
	last := len(b.free) - 1
	if last < 0 {
		return nil
	}
	c := b.free[last]
	b.free[last] = nil
	b.free = b.free[:last]
	return c
}

func (b *backend) connect(ctx context.Context, idle time.Duration) (*backConn, *failure) {
	dialCtx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	socket, err := b.dial(dialCtx, "tcp", b.address)
	if err != nil {
		status := http.StatusBadGateway
		if dialCtx.Err() != nil && !errors.Is(err, errHandshake) {
			status = http.StatusGatewayTimeout
		}
		return nil, &failure{status, err}
	}
	c := newBackConn(socket, idle)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		socket.Close()
		return nil, &failure{http.StatusBadGateway, errDrained}
	}
	b.open[c] = struct{}{}
	return c, nil
}

// put keeps a connection for the next request.
func (b *backend) put(c *backConn) {
	c.freed = time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	b.free = append(b.free, c)
	if b.sweep == nil {
		b.sweep = time.AfterFunc(c.idle, b.expire)
	}
}

// expire closes connections that have been free for too long.
func (b *backend) expire() {
	b.mu.Lock()
	defer b.mu.Unlock()
	fresh := b.free[:0]
	for _, c := range b.free {
		if c.expired() {
			delete(b.open, c)
			c.Close()
			continue
		}
		fresh = append(fresh, c)
	}
	clear(b.free[len(fresh):])
	b.free = fresh
	b.sweep = nil
	if len(fresh) > 0 && !b.closed {
		b.sweep = time.AfterFunc(time.Until(fresh[0].freed.Add(fresh[0].idle)), b.expire)
	}
}

func (b *backend) drop(c *backConn) {
	b.mu.Lock()
	delete(b.open, c)
	b.mu.Unlock()
	c.Close()
}

// close cuts every connection, also those in use: their requests fail.
func (b *backend) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	if b.sweep != nil {
		b.sweep.Stop()
	}
	for c := range b.open {
		c.Close()
	}
	b.free, b.open = nil, map[*backConn]struct{}{}
}
