package balancer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"strconv"
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
	Logger     *slog.Logger
}

// Listener is an address on which HTTP requests are taken and passed to the
// targets of a pool.
type Listener struct {
	config ListenerConfig
	socket net.Listener
	port   []string // as a header value
	proxy  *httputil.ReverseProxy
	pool   atomic.Pointer[Pool]

	requests atomic.Uint64
	own      ownCounters
	inFlight gauge
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
	l := &Listener{config: c, socket: socket, inFlight: newGauge()}
	l.port = []string{strconv.Itoa(int(netip.MustParseAddrPort(l.Address()).Port()))}
	l.pool.Store(c.Pool)
	l.proxy = l.newProxy()
	return l, nil
}

func (c ListenerConfig) validate() error {
	errs := []error{checkLoopback(c.Address)}
	if c.Pool == nil || c.Logger == nil {
		errs = append(errs, errors.New("pool or logger is missing"))
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
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	server := &http.Server{
		Handler:                      l,
		BaseContext:                  func(net.Listener) context.Context { return base },
		IdleTimeout:                  l.config.IdleTimeout,
		ReadHeaderTimeout:            l.config.IdleTimeout,
		MaxHeaderBytes:               maxRequestHeader,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(l.config.Logger.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(frontListener{l.socket, l.config.IdleTimeout}) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve %s: %w", l.Address(), err)
	case <-ctx.Done():
	}
	l.drain(base, server)
	<-served
	return nil
}

func (l *Listener) drain(base context.Context, server *http.Server) {
	limit, cancel := context.WithTimeout(base, l.config.DrainTimeout)
	defer cancel()
	_ = server.Shutdown(limit) // its error is the limit's, handled below
	l.inFlight.close()
	select { // for upgraded connections, which the server has forgotten
	case <-l.inFlight.empty:
	case <-limit.Done():
		l.config.Logger.Warn("requests cut", "listener", l.Address(), "count", l.inFlight.n.Load())
	}
	server.Close()
}
