package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"
)

// Login is what a client says about itself.
type Login struct {
	User, Database string
	Password       string // as sent, under TLS; never to be logged
	Conn           net.Conn
}

// LogValue keeps the password out of logs.
func (l Login) LogValue() slog.Value {
	return slog.GroupValue(slog.String("user", l.User), slog.String("database", l.Database), slog.String("peer", l.Conn.RemoteAddr().String()))
}

// EndpointConfig is what an Endpoint needs. Every field but Allow, Reserved
// and the two times is required.
type EndpointConfig struct {
	Address     string // a literal loopback address and a port; port 0 takes a free one
	Certificate tls.Certificate
	// Primary gives the socket of the primary and a channel that is closed
	// when connections made to it are to be cut. See Pair.Primary.
	Primary func() (socket string, moved <-chan struct{}, err error)
	// Verify decides whether the login is good. Its error is logged; the
	// client is told no more than that the password is wrong, or that there
	// is no primary where the error is ErrNoPrimary. It must return when the
	// context ends.
	Verify func(context.Context, Login) error
	// Allow decides before a byte is read whether the path is open. A
	// connection that it refuses hangs, as a blocked path does.
	Allow func(net.Conn) error
	// Reserved are roles that no client may use: the superuser first of all.
	Reserved []string

	MaxConnections int           // logged in at a time; as many again may be on the way
	LoginTimeout   time.Duration // from accept to the first ready; default 15 s
	BlockedTimeout time.Duration // how long a blocked connection hangs; default 2 min

	Log *slog.Logger
}

// Endpoint is the address of a database: it ends TLS, verifies the password
// and leads the connection to the primary.
type Endpoint struct {
	config   EndpointConfig
	listener net.Listener
	tls      *tls.Config
	cancels  *cancelKeys

	mu        sync.Mutex
	open      int // accepted connections
	connected int // logged in
	serving   sync.WaitGroup
}

// Listen binds the endpoint. It refuses every address that is not loopback.
func Listen(config EndpointConfig) (*Endpoint, error) {
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("open database endpoint: %w", err)
	}
	if config.LoginTimeout == 0 {
		config.LoginTimeout = 15 * time.Second
	}
	if config.BlockedTimeout == 0 {
		config.BlockedTimeout = 2 * time.Minute
	}
	listener, err := net.Listen("tcp", config.Address)
	if err != nil {
		return nil, fmt.Errorf("open database endpoint: %w", err)
	}
	return &Endpoint{
		config:   config,
		listener: listener,
		tls:      &tls.Config{Certificates: []tls.Certificate{config.Certificate}, MinVersion: tls.VersionTLS12, NextProtos: []string{"postgresql"}},
		cancels:  newCancelKeys(),
	}, nil
}

func (c EndpointConfig) check() error {
	host, _, err := net.SplitHostPort(c.Address)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%s is not a loopback address: only 127.0.0.0/8 and ::1 are served", c.Address)
	}
	if c.Primary == nil || c.Verify == nil || c.Log == nil || len(c.Certificate.Certificate) == 0 {
		return errors.New("certificate, primary, verification and log are required")
	}
	if c.MaxConnections < 1 {
		return fmt.Errorf("%d connections: at least 1 is needed", c.MaxConnections)
	}
	return nil
}

// Addr is the bound address.
func (e *Endpoint) Addr() net.Addr { return e.listener.Addr() }

// Close unbinds an endpoint that is not served. Run does it by itself.
func (e *Endpoint) Close() error { return e.listener.Close() }

// Run serves until the context ends, then cuts all connections, waits for
// them and returns nil.
func (e *Endpoint) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer e.serving.Wait()
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = e.listener.Close() })
	defer stop()
	for {
		conn, err := e.listener.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = conn.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("accept database connection: %w", err)
		case err != nil: // no descriptors left, or the client went away meanwhile
			e.config.Log.Error("database connection not accepted", "error", err)
			e.pause(ctx)
			continue
		}
		e.admit(ctx, conn)
	}
}

// pause keeps a failing accept from spinning.
func (e *Endpoint) pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(100 * time.Millisecond):
	}
}

// spare is how many connections beyond the logged in ones may be open, so
// that a full endpoint can still say so, and take cancel requests.
func (e *Endpoint) spare() int { return e.config.MaxConnections + 16 }

// admit serves the connection in a goroutine of its own, or closes it when
// too many are open to even say so.
func (e *Endpoint) admit(ctx context.Context, conn net.Conn) {
	e.mu.Lock()
	full := e.open >= e.config.MaxConnections+e.spare()
	if !full {
		e.open++
	}
	e.mu.Unlock()
	if full {
		e.config.Log.Warn("database connection dropped: too many open", "peer", conn.RemoteAddr().String())
		_ = conn.Close()
		return
	}
	e.serving.Go(func() {
		ctx, cancel := context.WithCancel(ctx)
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		defer func() {
			stop()
			cancel()
			_ = conn.Close()
			e.mu.Lock()
			e.open--
			e.mu.Unlock()
		}()
		e.serve(ctx, conn)
	})
}

// serve leads one connection through its life.
func (e *Endpoint) serve(ctx context.Context, conn net.Conn) {
	if e.config.Allow != nil {
		if err := e.config.Allow(conn); err != nil {
			e.config.Log.Warn("database path blocked", "peer", conn.RemoteAddr().String(), "reason", err)
			e.hang(conn)
			return
		}
	}
	_ = conn.SetDeadline(time.Now().Add(e.config.LoginTimeout))
	login, cancel := context.WithTimeout(ctx, e.config.LoginTimeout)
	defer cancel()
	client, backend, err := e.login(login, conn)
	if err != nil {
		// Clients ask again all the time while there is no primary, which is
		// told once.
		if !errors.Is(err, errDone) && !errors.Is(err, ErrNoPrimary) && ctx.Err() == nil {
			e.config.Log.Warn("database login refused", "peer", conn.RemoteAddr().String(), "reason", err)
		}
		return
	}
	defer e.leave()
	defer e.cancels.remove(backend.key)
	_ = conn.SetDeadline(time.Time{})
	splice(ctx, client, backend)
}

// hang keeps a blocked connection open, silently, until the client gives up.
func (e *Endpoint) hang(conn net.Conn) {
	_ = conn.SetDeadline(time.Now().Add(e.config.BlockedTimeout))
	_, _ = io.Copy(io.Discard, conn)
}

// enter counts a connection as logged in, if there is room.
func (e *Endpoint) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.connected >= e.config.MaxConnections {
		return false
	}
	e.connected++
	return true
}

func (e *Endpoint) leave() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.connected--
}

func (e *Endpoint) reserved(user string) bool { return slices.Contains(e.config.Reserved, user) }
