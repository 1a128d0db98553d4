package database

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// awaitTimeout is how long a migration waits for a database that is away.
const awaitTimeout = 90 * time.Second

// Migrate brings the schema to the newest version and then makes appRole, see
// createRole; where a principal is given, as a role of it, see
// createPrincipal. Any number of instances may call it at once: a session advisory
// lock lets one through at a time, and those that come later find the work
// done. A waiting instance gives up after 120 s.
//
// It returns the versions that this call applied.
func Migrate(ctx context.Context, pool *pgxpool.Pool, appRole, principal string) ([]int64, error) {
	if err := await(ctx, pool); err != nil {
		return nil, err
	}
	applied, err := applyMigrations(ctx, pool)
	if err != nil {
		return nil, err
	}
	if principal != "" {
		if err := createPrincipal(ctx, pool, appRole, principal); err != nil {
			return nil, err
		}
	}
	if err := createRole(ctx, pool, appRole); err != nil {
		return nil, err
	}
	return applied, nil
}

// await waits for a database that is starting or failing over.
func await(ctx context.Context, pool *pgxpool.Pool) error {
	ctx, cancel := context.WithTimeout(ctx, awaitTimeout)
	defer cancel()
	err := Do(ctx, pool, Repeatable, func(ctx context.Context, c *pgxpool.Conn) error { return c.Ping(ctx) })
	if err != nil {
		return fmt.Errorf("wait for the database: %w", err)
	}
	return nil
}

func applyMigrations(ctx context.Context, pool *pgxpool.Pool) ([]int64, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120), lock.WithUnlockTimeout(1, 5))
	if err != nil {
		return nil, fmt.Errorf("make migration lock: %w", err)
	}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("apply migrations: %w", err)
	}
	var applied []int64
	for _, r := range results {
		applied = append(applied, r.Source.Version)
	}
	return applied, nil
}
