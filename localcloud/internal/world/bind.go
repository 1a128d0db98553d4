package world

import (
	"context"
	"crypto/tls"
	"net"

	"orchard/localcloud/internal/balancer"
)

// door is a bound port of a balancer, whatever its layer.
type door interface {
	Run(ctx context.Context) error
}

// bind opens the port of a listener. Clients that allow refuses hang.
func (w *World) bind(b Balancer, l Listener, address string, pool *balancer.Pool, allow func(net.Conn) error) (door, error) {
	if b.Layer == 4 {
		return balancer.ListenFlows(balancer.FlowConfig{
			Address: address, Pool: pool, IdleTimeout: b.IdleTimeout, Reset: b.ResetIdle, DrainTimeout: listenerDrain,
			Allow: allow, Logger: w.log,
		})
	}
	config := balancer.ListenerConfig{
		Address: address, Pool: pool, IdleTimeout: b.IdleTimeout, DrainTimeout: listenerDrain,
		ServerName: b.ServerName, Allow: allow, Logger: w.log,
	}
	if l.Secure {
		config.TLS = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: w.opts.Authority.ByName(b.Address)}
	}
	return balancer.Listen(config)
}
