package world

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"orchard/localcloud/internal/postgres"
)

// runDatabase watches the servers and opens the endpoint.
func (w *World) runDatabase(pair *postgres.Pair, db Database, asked postgres.Spec) error {
	address := net.JoinHostPort(db.Address, strconv.Itoa(db.Port))
	endpoint, err := w.openEndpoint(pair, db, address)
	ctx, stop := context.WithCancel(w.ctx)
	running := &database{pair: pair, stop: stop, asked: asked, ended: make(chan struct{}), failed: err}
	w.running.Go(func() {
		if err := pair.Run(ctx); err != nil {
			w.log.Error("database watch ended", "database", db.ID, "error", err)
		}
	})
	if err != nil {
		close(running.ended)
	} else {
		running.bound = address
		w.running.Go(func() {
			defer close(running.ended)
			if err := endpoint.Run(ctx); err != nil {
				w.log.Error("database endpoint ended", "database", db.ID, "error", err)
			}
		})
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.actual.databases[db.ID] = running
	w.event("database", db.ID, fmt.Sprintf("database %s accepts logins on %s", db.Name, address))
	w.wake()
	return err
}

func (w *World) openEndpoint(pair *postgres.Pair, db Database, address string) (*postgres.Endpoint, error) {
	certificate, err := w.opts.Authority.Issue(db.Address)
	if err != nil {
		return nil, err
	}
	superuser, _ := w.cloud().DatabaseRoles()
	return postgres.Listen(postgres.EndpointConfig{
		Address: address, Certificate: certificate, Primary: pair.Primary,
		Verify: func(ctx context.Context, login postgres.Login) error {
			return w.cloud().Login(ctx, w, w.Declared().Databases[db.ID], login)
		},
		Allow:          func(conn net.Conn) error { return w.Allow(conn, db.ID) },
		Reserved:       []string{superuser},
		MaxConnections: db.MaxConnections,
		Log:            w.log,
	})
}
