package balancer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"
)

// acceptAll takes connections until the context ends, and closes the socket.
// The error is that of a socket that was closed by somebody else.
func acceptAll(ctx context.Context, socket net.Listener, logger *slog.Logger, serve func(net.Conn)) error {
	stop := context.AfterFunc(ctx, func() { socket.Close() })
	defer stop()
	for {
		conn, err := socket.Accept()
		switch {
		case err == nil:
			serve(conn)
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("accept on %s: %w", socket.Addr(), err)
		default: // no descriptors left, or the client went away meanwhile
			logger.Error("connection not accepted", "listener", socket.Addr().String(), "error", err)
			pause(ctx)
		}
	}
}

// pause keeps a failing accept from spinning.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(100 * time.Millisecond):
	}
}
