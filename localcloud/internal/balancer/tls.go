package balancer

import (
	"context"
	"crypto/tls"
	"time"
)

// handshakeTimeout is how long a client may take to agree on TLS.
const handshakeTimeout = 10 * time.Second

// forHTTP1 is a TLS configuration for clients that are to speak HTTP/1.1. One
// that offers only other protocols is refused.
func forHTTP1(c *tls.Config) *tls.Config {
	if c == nil {
		return nil
	}
	c = c.Clone()
	c.MinVersion = max(c.MinVersion, tls.VersionTLS12)
	c.NextProtos = []string{"http/1.1"}
	return c
}

// handshake agrees on TLS, where the listener speaks it. A client with which
// it fails is counted and gets no answer.
func (s *session) handshake() bool {
	secured, ok := s.conn.Conn.(*tls.Conn)
	if !ok {
		return true
	}
	ctx, cancel := context.WithTimeout(s.ctx, handshakeTimeout)
	defer cancel()
	if err := secured.HandshakeContext(ctx); err != nil {
		s.listener.handshakes.Add(1)
		s.debug("handshake failed", err)
		return false
	}
	return true
}
