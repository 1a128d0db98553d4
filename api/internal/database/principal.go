package database

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// principalDatabase is where Azure keeps the functions that map roles to
// Microsoft Entra, and where a role must be made for the mapping to hold in
// every database of the server.
const principalDatabase = "postgres"

// createPrincipal makes role where it is missing, as one that the service
// principal with this object id signs in as by token. Its rights are
// createRole's. A role that is there is left as it is, also where another
// principal is mapped to it.
//
// Advisory locks are per database, and all callers come to the same one.
func createPrincipal(ctx context.Context, pool *pgxpool.Pool, role, objectID string) error {
	c := pool.Config() // a copy, with the same credentials
	c.ConnConfig.Database, c.MaxConns = principalDatabase, 1
	there, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return fmt.Errorf("open database %s: %w", principalDatabase, err)
	}
	defer there.Close()
	err = pgx.BeginFunc(ctx, there, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(roleLock)); err != nil {
			return err
		}
		var one int
		err := tx.QueryRow(ctx, "SELECT 1 FROM pg_roles WHERE rolname = $1", role).Scan(&one)
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		_, err = tx.Exec(ctx, "SELECT * FROM pgaadauth_create_principal_with_oid($1, $2, 'service', false, false)", role, objectID)
		return err
	})
	if err != nil {
		return fmt.Errorf("create role %s for principal %s: %w", role, objectID, err)
	}
	return nil
}
