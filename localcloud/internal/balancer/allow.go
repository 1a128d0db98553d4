package balancer

import (
	"context"
	"io"
	"net"
	"time"
)

// letIn serves the connections of clients that have a way to the listener. The
// others hang, as they do where the packets of a client are dropped: they have
// been accepted by the kernel, and are never answered. With a nil allow every
// client has a way.
func letIn(ctx context.Context, allow func(net.Conn) error, serve func(net.Conn)) func(net.Conn) {
	if allow == nil {
		return serve
	}
	return func(c net.Conn) {
		if allow(c) == nil {
			serve(c)
			return
		}
		go hang(ctx, c)
	}
}

// hang keeps a connection open without an answer until the client gives up, or
// the context ends.
func hang(ctx context.Context, c net.Conn) {
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	_ = c.SetDeadline(time.Now().Add(silence)) // one that refuses is closed
	_, _ = io.Copy(io.Discard, c)
}
