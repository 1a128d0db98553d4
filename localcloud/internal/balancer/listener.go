package balancer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"
)

// maxRequestHeader is the size above which a request's header is refused.
const maxRequestHeader = 64 << 10

// ListenerConfig is one port of a load balancer.
type ListenerConfig struct {
	Address string // loopback IP:port; port 0 chooses one
	Pool    *Pool
	// IdleTimeout is how long a connection may carry no byte, on the
	// client's side as on the target's.
	IdleTimeout time.Duration
	// DrainTimeout bounds how long Run waits, when it is to end, for the
	// requests in flight.
	DrainTimeout time.Duration
	// ServerName is the Server header of the balancer's own answers; empty
	// for none.
	ServerName string
	// TLS makes it an HTTPS listener: it holds the certificate, and what it
	// says of versions and ciphers holds from TLS 1.2 on. Nil is HTTP.
	TLS *tls.Config
	// Allow says whether a client has a way to the listener, before a byte of
	// it is read; one that has none hangs. Nil lets every client in.
	Allow  func(net.Conn) error
	Logger *slog.Logger
}

// Listener is an address on which HTTP requests are taken and passed to the
// targets of a pool.
type Listener struct {
	config   ListenerConfig
	socket   net.Listener
	tls      *tls.Config // nil for HTTP in the clear
	pool     atomic.Pointer[Pool]
	sessions sessions
	closing  atomic.Bool // no session takes another request

	accepted   atomic.Uint64 // numbers the connections
	requests   atomic.Uint64
	handshakes atomic.Uint64 // that failed
	own        ownCounters
	times      histogram
	inFlight   atomic.Int64
}

// Listen takes the address. It refuses one that is not loopback, and names
// the address when it is taken.
func Listen(c ListenerConfig) (*Listener, error) {
	if err := c.validate(); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", c.Address, err)
	}
	socket, err := net.Listen("tcp", c.Address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", c.Address, remedy(err))
	}
	l := &Listener{config: c, socket: socket, tls: forHTTP1(c.TLS)}
	l.pool.Store(c.Pool)
	return l, nil
}

func (c ListenerConfig) validate() error {
	errs := []error{checkLoopback(c.Address)}
	if c.Pool == nil || c.Logger == nil {
		errs = append(errs, errors.New("pool or logger is missing"))
	}
	if c.TLS != nil && len(c.TLS.Certificates) == 0 && c.TLS.GetCertificate == nil {
		errs = append(errs, errors.New("TLS has no certificate"))
	}
	if c.IdleTimeout <= 0 || c.DrainTimeout < 0 {
		errs = append(errs, fmt.Errorf("idle timeout %s must be greater than 0, drain timeout %s not negative", c.IdleTimeout, c.DrainTimeout))
	}
	return errors.Join(errs...)
}

// checkLoopback refuses what is not IP:port of this machine alone.
func checkLoopback(text string) error {
	address, err := netip.ParseAddrPort(text)
	switch {
	case err != nil:
		return fmt.Errorf("want IP:port: %w", err)
	case !address.Addr().IsLoopback():
		return errors.New("not a loopback address")
	}
	return nil
}

// remedy is the error of a listen call with what can be done about it.
func remedy(err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("the port is taken by another process; stop it or choose another port: %w", err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("this user may not open the port; choose one from 1024: %w", err)
	}
	return err
}

// Address is where the listener listens, IP:port.
func (l *Listener) Address() string { return l.socket.Addr().String() }

// SetPool leads requests to another pool from now on.
func (l *Listener) SetPool(p *Pool) { l.pool.Store(p) }

// Close gives the address up without Run. After Run it does nothing.
func (l *Listener) Close() { l.socket.Close() }

// Run serves until the context ends. Then it takes no new connection, lets
// the requests in flight finish for at most the drain timeout, and cuts the
// rest.
func (l *Listener) Run(ctx context.Context) error {
	watched, stop := context.WithCancel(context.Background())
	defer stop()
	go l.watch(watched)
	err := acceptAll(ctx, l.socket, l.config.Logger, letIn(ctx, l.config.Allow, l.serve))
	limit := l.config.DrainTimeout
	if err != nil {
		limit = 0
	}
	l.drain(limit)
	return err
}

// serve begins to serve a connection.
func (l *Listener) serve(c net.Conn) {
	s := l.newSession(c)
	l.sessions.add(s)
	l.sessions.all.Go(func() {
		defer l.sessions.remove(s)
		s.run()
	})
}

// drain ends the sessions: idle ones at once, the others with the requests that
// they have begun to read, which have until the limit.
func (l *Listener) drain(limit time.Duration) {
	l.closing.Store(true)
	l.sessions.each((*session).closeIdle)
	timer := time.AfterFunc(limit, func() {
		if n := l.inFlight.Load(); n > 0 {
			l.config.Logger.Warn("requests cut", "listener", l.Address(), "count", n)
		}
		l.sessions.each((*session).cut)
	})
	defer timer.Stop()
	l.sessions.all.Wait()
}
