// Package database opens the pool of connections to PostgreSQL, migrates the
// schema, makes the service's role, and knows which failures of a database
// that fails over may be tried again.
//
// What surprises: a connection is accepted only from a server that takes
// writes, so that a primary that has come back as a standby is not used; and
// no password is kept, see credentials. The SQL of the service itself is in
// package store.
package database

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"orchard/api/internal/settings"
)

// Open returns a pool as the settings say. It does not dial: a database that
// is away must not keep the service from starting.
func Open(ctx context.Context, s settings.Database) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(s.URL)
	if err != nil {
		return nil, fmt.Errorf("read ORCHARD_DATABASE_URL: %w", err) // pgx masks the password
	}
	c.MaxConns = int32(s.Pool)
	c.MaxConnLifetime = 30 * time.Minute
	c.MaxConnLifetimeJitter = 5 * time.Minute
	c.MaxConnIdleTime = 5 * time.Minute
	c.HealthCheckPeriod = 15 * time.Second
	c.PingTimeout = time.Second
	tune(&c.ConnConfig.Config)
	credentials, err := newCredentials(ctx, s)
	if err != nil {
		return nil, err
	}
	c.BeforeConnect = credentials
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("open pool: %w", err)
	}
	return pool, nil
}

// tune bounds every wait: for a host that does not answer, for a connection
// that has gone quiet, for a statement of a session whose owner has gone.
func tune(c *pgconn.Config) {
	if c.ConnectTimeout == 0 || c.ConnectTimeout > 3*time.Second {
		c.ConnectTimeout = 3 * time.Second
	}
	dialer := &net.Dialer{
		Timeout:         c.ConnectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3},
	}
	c.DialFunc = dialer.DialContext
	if c.ValidateConnect == nil {
		c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	setDefault(c.RuntimeParams, "application_name", "orchard")
	setDefault(c.RuntimeParams, "idle_in_transaction_session_timeout", "10s")
}

func setDefault(m map[string]string, key, value string) {
	if _, ok := m[key]; !ok {
		m[key] = value
	}
}
