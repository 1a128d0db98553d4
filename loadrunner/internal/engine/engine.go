// Package engine sends requests and hands what became of them to a recorder.
//
// An open loop follows a schedule and never waits for answers: a request whose
// moment has come takes a free connection, or waits in line for one, and its
// response time runs from its scheduled moment either way. A closed loop has a
// number of connections, each of which asks again as soon as it is answered.
//
//	schedule ──due──▶ line ──free connection──▶ in flight ──▶ answered
//	                   │                            └───────▶ error
//	                   ├─ timeout before a connection is free ▶ late
//	                   └─ the run is stopped ────────────────▶ dropped
//
// Every request has Timeout from its scheduled moment, so a run is over at the
// latest Timeout after its last request was due, whatever the target does. The line
// is two numbers, since the schedule says when each request in it was due: it costs
// nothing, however long it gets.
//
// HTTP is sent by one thread over epoll, which is pacer, sender and reader at once:
// it has no lock, and makes two system calls for a request. Go's own timers and
// poller are not used, since the first are a millisecond wide (golang/go#53824) and
// the second costs as much as the rest. The thread blocks without Go's scheduler
// knowing, so GOMAXPROCS is one more while it runs; in an open loop it has a real-time
// priority where the user may have that. From 4,000 requests/s it looks for answers
// once in 250 µs only, and times them by the kernel's note of when they came. HTTPS is
// sent by net/http, a goroutine for each request in flight, at its own cost.
//
// Linux 5.11 or newer (epoll_pwait2). Bodies of answers are not kept, redirects not
// followed, cookies ignored.
package engine

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"time"

	"orchard/loadrunner/internal/pace"
	"orchard/loadrunner/internal/record"
)

// Request is what a source fills in and an engine sends.
type Request struct {
	Kind  int    // index of the source's kinds
	Bytes []byte // the whole request; the source appends to what is given, which is empty
	// Repeatable tells that sending twice does what sending once does. Such a request
	// is sent again, once, when a kept connection is closed before a byte of its
	// answer, as any client does (RFC 9110, section 9.2.2).
	Repeatable bool
	// Attempts is how often a request is sent at most, 1 or more, where the
	// connection fails, the answer is 429, 502, 503 or 504, or Timeout / Attempts
	// pass without an answer.
	Attempts int
	// Ref is the source's own.
	Ref uint64
}

// Outcome is what became of a request.
type Outcome struct {
	// Status is that of the last answer, 0 without one; then Failure says why.
	Status  int
	Failure record.Failure
	ID      int64 // the number that ends the answer's Location
	// Repeated tells that the request was sent more than once.
	Repeated bool
}

// Source makes requests and hears what became of them. Its methods are not called
// at the same time.
type Source interface {
	Kinds() []record.Kind
	Next(*Request)
	Done(*Request, Outcome)
}

// Config is a run's.
type Config struct {
	Address string // host:port
	TLS     bool
	Roots   *x509.CertPool // whom TLS trusts, nil for the machine's
	// Schedule makes an open loop; without one, Length is that of a closed loop.
	Schedule *pace.Schedule
	Length   time.Duration
	// Connections are opened at once and kept open; a closed loop has no others.
	Connections int
	// InFlight bounds the connections of an open loop.
	InFlight int
	// Timeout is what a request has from its scheduled moment.
	Timeout time.Duration
	// ConnectionLife is how long a connection is used, 0 for as long as it lasts. An
	// instance that comes up behind a layer 4 balancer gets new connections only.
	ConnectionLife time.Duration
	// Started is called when the first request is due, from the engine's thread.
	Started func(time.Time)
}

// started tells the caller.
func (c *Config) started(at time.Time) {
	if c.Started != nil {
		c.Started(at)
	}
}

// Lasts returns how long requests are due.
func (c *Config) Lasts() time.Duration {
	if c.Schedule != nil {
		return c.Schedule.Length()
	}
	return c.Length
}

// slots returns how many requests may be in flight.
func (c *Config) slots() int {
	if c.Schedule == nil {
		return c.Connections
	}
	return max(c.Connections, c.InFlight)
}

// grace is what requests in flight have when a run is stopped.
const grace = 2 * time.Second

// Run sends until the schedule is over or ctx ends, and returns how long that took.
// It gives every outcome to the recorder and finishes it. The error is that of a
// name that has no address or of a system call that this machine does not have; what
// the target does is never one.
func Run(ctx context.Context, c Config, s Source, r *record.Recorder) (time.Duration, error) {
	if c.TLS {
		return runStandard(ctx, c, s, r)
	}
	address, err := resolve(ctx, c.Address)
	if err != nil {
		r.Finish(0)
		return 0, err
	}
	return runLoop(ctx, c, address, s, r)
}

func resolve(ctx context.Context, hostPort string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("resolve %s: %w", hostPort, err)
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("resolve %s: %w", hostPort, err)
	}
	number, err := net.DefaultResolver.LookupPort(ctx, "tcp", port)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("resolve %s: %w", hostPort, err)
	}
	best := addresses[0].Unmap()
	for _, a := range addresses {
		if a.Unmap().Is4() {
			best = a.Unmap()
			break
		}
	}
	return netip.AddrPortFrom(best, uint16(number)), nil
}

// again tells whether a status asks for another attempt.
func again(status int) bool {
	return status == 429 || status >= 502 && status <= 504
}
