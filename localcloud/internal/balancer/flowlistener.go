package balancer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// FlowConfig is one port of a load balancer that passes connections and does
// not look into them.
type FlowConfig struct {
	Address string // loopback IP:port; port 0 chooses one
	Pool    *Pool
	// IdleTimeout is how long a flow may be without a packet in either
	// direction, within an eighth of it. Keep-alive packets of its two ends
	// count.
	IdleTimeout time.Duration
	// Reset ends an idle flow with a TCP reset at both ends. Without it the
	// flow just goes silent, and its ends have to find out.
	Reset bool
	// DrainTimeout bounds how long Run waits, when it is to end, for the
	// flows that are open.
	DrainTimeout time.Duration
	// Allow says whether a client has a way to the listener, before a byte of
	// it is read; one that has none hangs. Nil lets every client in.
	Allow  func(net.Conn) error
	Logger *slog.Logger
}

// FlowListener is an address on which connections are taken and passed to the
// targets of a pool.
type FlowListener struct {
	config FlowConfig
	socket net.Listener
	pool   atomic.Pointer[Pool]
	open   sync.WaitGroup
	stats  flowCounters

	accepted atomic.Uint64 // numbers the connections
}

// ListenFlows takes the address. It refuses one that is not loopback, and
// names the address when it is taken.
func ListenFlows(c FlowConfig) (*FlowListener, error) {
	if err := c.validate(); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", c.Address, err)
	}
	// No keep-alive of our own: it would count as a packet of the client's.
	config := net.ListenConfig{KeepAlive: -1}
	socket, err := config.Listen(context.Background(), "tcp", c.Address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", c.Address, remedy(err))
	}
	l := &FlowListener{config: c, socket: socket}
	l.pool.Store(c.Pool)
	return l, nil
}

func (c FlowConfig) validate() error {
	errs := []error{checkLoopback(c.Address)}
	if c.Pool == nil || c.Logger == nil {
		errs = append(errs, errors.New("pool or logger is missing"))
	}
	if c.IdleTimeout <= 0 || c.DrainTimeout < 0 {
		errs = append(errs, fmt.Errorf("idle timeout %s must be greater than 0, drain timeout %s not negative", c.IdleTimeout, c.DrainTimeout))
	}
	return errors.Join(errs...)
}

// Address is where the listener listens, IP:port.
func (l *FlowListener) Address() string { return l.socket.Addr().String() }

// SetPool leads new connections to another pool from now on.
func (l *FlowListener) SetPool(p *Pool) { l.pool.Store(p) }

// Close gives the address up without Run. After Run it does nothing.
func (l *FlowListener) Close() { l.socket.Close() }

// Run takes connections until the context ends. Then it lets the open flows go
// on for at most the drain timeout, and cuts the rest.
func (l *FlowListener) Run(ctx context.Context) error {
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	err := acceptAll(ctx, l.socket, l.config.Logger, letIn(ctx, l.config.Allow, func(c net.Conn) {
		l.open.Go(func() { l.serve(base, c.(*net.TCPConn)) })
	}))
	if err != nil {
		cut()
	}
	l.drain(cut)
	return err
}

func (l *FlowListener) drain(cut func()) {
	limit := time.AfterFunc(l.config.DrainTimeout, func() {
		if n := l.stats.open.Load(); n > 0 {
			l.config.Logger.Warn("flows cut", "listener", l.Address(), "count", n)
		}
		cut()
	})
	defer limit.Stop()
	l.open.Wait()
}

// serve leads one connection through its life.
func (l *FlowListener) serve(ctx context.Context, client *net.TCPConn) {
	p := l.pool.Load()
	m := p.acquireAt(l.accepted.Add(1), fiveTuple(client))
	if m == nil {
		l.stats.refused.Add(1)
		reset(client)
		return
	}
	target, err := connectTarget(ctx, p, m)
	if err != nil {
		m.release()
		l.stats.failed.Add(1)
		m.counters.errors.Add(1)
		p.total.errors.Add(1)
		l.config.Logger.Debug("target does not accept", "target", m.target.ID, "error", err)
		if errors.Is(err, context.DeadlineExceeded) {
			hang(ctx, client) // its packets got no answer, and this is all that it learns
			return
		}
		reset(client)
		return
	}
	m.counters.flows.Add(1)
	p.total.flows.Add(1)
	l.carry(ctx, m, &flow{client: client, target: target})
}

// connectTarget opens the connection to a target. A path that is blocked is a
// dial that does not end before its time is over.
func connectTarget(ctx context.Context, p *Pool, m *member) (*net.TCPConn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	conn, err := p.dial(ctx, "tcp", m.target.Address)
	if err != nil {
		return nil, err
	}
	target, ok := conn.(*net.TCPConn)
	if !ok {
		conn.Close()
		return nil, fmt.Errorf("the dial function answers a %T; a flow needs a TCP connection", conn)
	}
	if err := target.SetKeepAlive(false); err != nil { // it would count as a packet of the target's
		target.Close()
		return nil, err
	}
	return target, nil
}

// carry counts a flow and moves its bytes until it ends.
func (l *FlowListener) carry(ctx context.Context, m *member, f *flow) {
	if !m.flows.add(f) {
		m.release()
		f.cut()
		return
	}
	stop := context.AfterFunc(ctx, f.cut)
	defer stop()
	l.stats.flows.Add(1)
	l.stats.open.Add(1)
	idle := f.run(l.config.IdleTimeout)
	m.flows.remove(f)
	m.release()
	l.stats.open.Add(-1)
	l.stats.in.Add(uint64(f.in.Load()))
	l.stats.out.Add(uint64(f.out.Load()))
	if !idle {
		f.close()
		return
	}
	l.stats.idle.Add(1)
	if !l.config.Reset {
		f.fallSilent()
	}
	f.cut()
}
