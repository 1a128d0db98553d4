package database

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// roleLock is the advisory lock under which roles are made. Advisory locks are
// per database while roles belong to the whole server, so the statements bear
// a rival in another database too.
const roleLock = 0x6f726368617264 // "orchard"

// createRole makes the login role of the service where it is missing and
// gives it data rights only: it reads and writes rows, and can neither change
// the schema nor read other tables. Where the server has the role rds_iam (as
// on RDS) the role is granted it and then signs in by token alone. Calling it
// again changes nothing.
func createRole(ctx context.Context, pool *pgxpool.Pool, role string) error {
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(roleLock)); err != nil {
			return err
		}
		for _, statement := range roleStatements(role) {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("create role %s: %w", role, err)
	}
	return nil
}

func roleStatements(role string) []string {
	name, literal := pgx.Identifier{role}.Sanitize(), "'"+role+"'" // settings allows [a-z0-9_] only
	return []string{
		`DO $$ BEGIN
			IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ` + literal + `) THEN
				CREATE ROLE ` + name + ` LOGIN;
			END IF;
		EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
		END $$`,
		`DO $$ BEGIN
			IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam') THEN
				GRANT rds_iam TO ` + name + `;
			END IF;
		EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
		END $$`,
		`GRANT USAGE ON SCHEMA public TO ` + name,
		`GRANT SELECT, INSERT, UPDATE, DELETE ON fruit TO ` + name,
		`GRANT USAGE ON SEQUENCE fruit_id_seq TO ` + name,
		`GRANT SELECT ON fruit_count TO ` + name,
		`GRANT SELECT, INSERT, DELETE ON idempotency TO ` + name,
	}
}
