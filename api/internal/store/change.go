package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"orchard/api/internal/database"
	"orchard/api/internal/fruit"
)

// Check decides on the entry as it is, nil where there is none, whether a
// write goes ahead. A nil Check always does.
type Check func(*fruit.Fruit) bool

// Put changes the entry with this id, or makes it there. The id sequence is
// not advanced: Create passes over ids that are taken.
func (s *Store) Put(ctx context.Context, id int32, c fruit.Change, check Check) (created bool, err error) {
	err = s.write(ctx, id, check, func(ctx context.Context, db query) error {
		created = false
		changed, err := update(ctx, db, id, c)
		if changed || err != nil {
			return err
		}
		f, problems := c.Entry()
		if problems != nil {
			return ErrNameRequired
		}
		created = true
		_, err = db.Exec(ctx, "INSERT INTO fruit (id, name, price, stock) VALUES ($1, $2, $3, $4)", id, f.Name, f.Price, f.Stock)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("put fruit %d: %w", id, err)
	}
	return created, nil
}

// Patch changes the entry with this id, or returns ErrNotFound.
func (s *Store) Patch(ctx context.Context, id int32, c fruit.Change, check Check) error {
	err := s.write(ctx, id, check, func(ctx context.Context, db query) error {
		changed, err := update(ctx, db, id, c)
		if err == nil && !changed {
			return ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("patch fruit %d: %w", id, err)
	}
	return nil
}

// Delete removes the entry with this id, or returns ErrNotFound.
func (s *Store) Delete(ctx context.Context, id int32, check Check) error {
	err := s.write(ctx, id, check, func(ctx context.Context, db query) error {
		tag, err := db.Exec(ctx, "DELETE FROM fruit WHERE id = $1", id)
		if err == nil && tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("delete fruit %d: %w", id, err)
	}
	return nil
}

// query is what a connection and a transaction of pgx have in common.
type query interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func update(ctx context.Context, db query, id int32, c fruit.Change) (changed bool, err error) {
	tag, err := db.Exec(ctx, `UPDATE fruit SET name = coalesce($2::text, name), price = coalesce($3::numeric, price),
		stock = coalesce($4::integer, stock) WHERE id = $1`, id, c.Name, c.Price, c.Stock)
	return err == nil && tag.RowsAffected() > 0, err
}

// write runs one write; with a check, under a lock on the entry. A write that
// finds its id taken between two statements starts again.
func (s *Store) write(ctx context.Context, id int32, check Check, do func(context.Context, query) error) error {
	for {
		err := database.Do(ctx, s.pool, database.Single, func(ctx context.Context, c *pgxpool.Conn) error {
			if check == nil {
				return do(ctx, c)
			}
			return pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
				if err := hold(ctx, tx, id, check); err != nil {
					return err
				}
				return do(ctx, tx)
			})
		})
		if !database.IDTaken(err) {
			return translate(err)
		}
	}
}

func hold(ctx context.Context, tx pgx.Tx, id int32, check Check) error {
	var f fruit.Fruit
	row := tx.QueryRow(ctx, "SELECT "+columns+" FROM fruit WHERE id = $1 FOR UPDATE", id)
	current := &f
	if err := row.Scan(&f.ID, &f.Name, &f.Price, &f.Stock); errors.Is(err, pgx.ErrNoRows) {
		current = nil
	} else if err != nil {
		return err
	}
	if !check(current) {
		return ErrPrecondition
	}
	return nil
}
