package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"orchard/api/internal/database"
	"orchard/api/internal/fruit"
)

const (
	insert = "INSERT INTO fruit (name, price, stock) VALUES ($1, $2, $3) RETURNING id"

	// insertFree is for a sequence that has met ids which PUT chose: it takes
	// values until one is free, in one round trip.
	insertFree = `INSERT INTO fruit (id, name, price, stock)
		SELECT v, $1, $2, $3 FROM (SELECT nextval('fruit_id_seq')::integer AS v FROM generate_series(1, 1000)) s
		WHERE NOT EXISTS (SELECT FROM fruit WHERE id = v) LIMIT 1 RETURNING id`
)

// keyed wraps an insert so that the key is stored by the same statement.
func keyed(statement string) string {
	return "WITH f AS (" + statement + ") INSERT INTO idempotency (key, body, fruit_id) SELECT $4, $5, id FROM f RETURNING fruit_id"
}

// insertNext inserts at the sequence's next free id.
func insertNext(ctx context.Context, c *pgxpool.Conn, key string, args ...any) (id int32, err error) {
	first, next := insert, insertFree
	if key != "" {
		first, next = keyed(insert), keyed(insertFree)
	}
	err = c.QueryRow(ctx, first, args...).Scan(&id)
	for database.IDTaken(err) || errors.Is(err, pgx.ErrNoRows) {
		err = c.QueryRow(ctx, next, args...).Scan(&id)
	}
	return id, err
}

// CreateOnce adds an entry under an idempotency key. Where the key has been
// used before with the same entry, nothing is added and replayed is true; with
// another entry the error is ErrKeyReused. It is repeated during a failover.
func (s *Store) CreateOnce(ctx context.Context, f fruit.Fruit, key []byte) (id int32, replayed bool, err error) {
	digest := f.Digest()
	err = database.Do(ctx, s.pool, database.Repeatable, func(ctx context.Context, c *pgxpool.Conn) error {
		replayed = false
		id, err = insertNext(ctx, c, "key", f.Name, f.Price, f.Stock, key, digest)
		if !database.KeyTaken(err) && !database.NameTaken(err) {
			return err
		}
		// The name may be taken by this key's own first request.
		taken := err
		var body []byte
		err := c.QueryRow(ctx, "SELECT body, fruit_id FROM idempotency WHERE key = $1", key).Scan(&body, &id)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return taken
		case err == nil && !bytes.Equal(body, digest):
			return ErrKeyReused
		}
		replayed = true
		return err
	})
	if err = translate(err); err != nil {
		return 0, false, fmt.Errorf("create fruit once: %w", err)
	}
	return id, replayed, nil
}

// KeyLife is how long an idempotency key is kept at least, as a PostgreSQL interval.
const KeyLife = "24 hours"

// ForgetKeys removes idempotency keys older than KeyLife and returns how many.
func (s *Store) ForgetKeys(ctx context.Context) (int64, error) {
	tag, err := s.pool.Exec(ctx, "DELETE FROM idempotency WHERE created_at < now() - $1::text::interval", KeyLife)
	if err != nil {
		return 0, fmt.Errorf("forget idempotency keys: %w", err)
	}
	return tag.RowsAffected(), nil
}
