package balancer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// errHandshake is of a target with which TLS could not be agreed on. Clients
// get 502 for it, also when it takes too long. Source: Application Load
// Balancers, HTTP 502.
var errHandshake = errors.New("TLS handshake with the target failed")

// OverTLS speaks TLS to targets. It does not ask who signed their
// certificates, for which names, or until when, as an AWS load balancer does
// not: the network is what says that a target is one.
func OverTLS(dial DialFunc) DialFunc {
	config := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		socket, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		secured := tls.Client(socket, config)
		if err := secured.HandshakeContext(ctx); err != nil {
			socket.Close()
			return nil, fmt.Errorf("%w: %w", errHandshake, err)
		}
		below, ok := socket.(syscall.Conn)
		if !ok {
			return secured, nil // and so is not kept alive
		}
		return overTLS{secured, below}, nil
	}
}

// overTLS is a connection whose end is seen below TLS.
type overTLS struct {
	*tls.Conn
	below syscall.Conn
}

// SyscallConn is that of the socket.
func (c overTLS) SyscallConn() (syscall.RawConn, error) { return c.below.SyscallConn() }
