package cloudservice

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"orchard/localcloud/internal/authority"
	"orchard/localcloud/internal/machine"
	"orchard/localcloud/internal/world"
)

// Service is a service of the region: where it is, how an instance gets there,
// and what answers.
type Service struct {
	Key         string   // unique among those of all clouds
	Number      int      // of the world's service addresses, likewise
	Destination string   // of world.Group.Blocked
	Names       []string // host names of its certificate, beside its address
	Handler     http.Handler
}

// Serve answers for a service of a world until ctx ends. It returns once the
// service listens.
func Serve(ctx context.Context, w *world.World, root *authority.Authority, log *slog.Logger, s Service) error {
	host := w.Service(s.Number)
	certificate, err := root.Issue(append(s.Names, host)...)
	if err != nil {
		return err
	}
	l, err := w.Listen(s.Key, host)
	if err != nil {
		return err
	}
	open := newGate(l, func(conn net.Conn) error { return w.Allow(conn, s.Destination) }, log.With("service", s.Key))
	server := &http.Server{
		Handler:           s.Handler,
		ReadHeaderTimeout: 10 * time.Second,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		ConnContext:       withConnection,
	}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() {
		if err := server.ServeTLS(open, "", ""); err != nil && !errors.Is(err, http.ErrServerClosed) {
			log.Error("service ended", "service", s.Key, "error", err)
		}
	}()
	return nil
}

// Addresses are those of the services (host:port), by key.
func Addresses(w *world.World, services []Service) (map[string]string, error) {
	out := map[string]string{}
	for _, s := range services {
		port, ok := w.Port(s.Key)
		if !ok {
			return nil, fmt.Errorf("service %s is not being served", s.Key)
		}
		out[s.Key] = net.JoinHostPort(w.Service(s.Number), strconv.Itoa(port))
	}
	return out, nil
}

// connection is the key of a request's connection in its context.
type connection struct{}

func withConnection(ctx context.Context, conn net.Conn) context.Context {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	return context.WithValue(ctx, connection{}, conn)
}

// Caller is the instance that a request to a Service comes from, "" for a
// process that belongs to none.
func Caller(r *http.Request) (instance string, err error) {
	conn, ok := r.Context().Value(connection{}).(net.Conn)
	if !ok {
		return "", errors.New("find out who asks: the request was not taken by a service")
	}
	_, instance, err = machine.Peer(conn)
	return instance, err
}
