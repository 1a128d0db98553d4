// Package store keeps fruit in PostgreSQL: all SQL of the service is here.
//
// Every call waits and tries again while the database fails over, as long as
// its context lasts and where that is safe; see database.Do. A name or an id
// that is taken is an error value of this package; what else comes back is a
// database that stayed away (database.ErrUnavailable), a write without an
// answer (database.ErrOutcomeUnknown) or a fault.
package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"orchard/api/internal/database"
	"orchard/api/internal/fruit"
	"orchard/api/internal/gather"
)

var (
	ErrNotFound     = errors.New("no such fruit")
	ErrNameTaken    = errors.New("another fruit has this name")
	ErrNameRequired = errors.New("a new fruit needs a name")
	ErrPrecondition = errors.New("the precondition does not hold")
	ErrKeyReused    = errors.New("the idempotency key came with another body before")
	ErrIDsExhausted = errors.New("no id is left")
)

// Store reads and writes fruit.
type Store struct {
	pool    *pgxpool.Pool
	gets    *gather.Batch[int32, got]
	creates *gather.Batch[fruit.Fruit, made]
}

// patience bounds what one call waits for the database, a failover included.
// It is below the 60 s after which balancers give up.
const patience = 20 * time.Second

// New returns a Store on pool, which the caller closes. Reads of single
// entries, and creates, that come together go together; half of the pool's
// connections at most are theirs.
func New(pool *pgxpool.Pool) *Store {
	s := &Store{pool: pool}
	runs := max(1, int(pool.Config().MaxConns)/2)
	s.gets = gather.NewBatch(runs, maxGets, s.getMany)
	s.creates = gather.NewBatch(runs, maxCreates, s.createMany)
	return s
}

// Ping asks the database for an answer.
func (s *Store) Ping(ctx context.Context) error {
	return database.Do(ctx, s.pool, database.Repeatable, func(ctx context.Context, c *pgxpool.Conn) error {
		_, err := c.Exec(ctx, "SELECT 1 FROM fruit LIMIT 1")
		return err
	})
}

const columns = "id, name, price::text, stock"

// maxGets bounds how many reads share a round trip.
const maxGets = 64

type got struct {
	fruit fruit.Fruit
	err   error
}

// Get returns the entry with this id, or ErrNotFound.
func (s *Store) Get(ctx context.Context, id int32) (fruit.Fruit, error) {
	g, _, err := s.gets.Do(ctx, id)
	if err != nil {
		return fruit.Fruit{}, fmt.Errorf("read fruit: %w", err)
	}
	return g.fruit, g.err
}

const getOne = "SELECT " + columns + " FROM fruit WHERE id = $1"

// getMany sends one statement for each id in a single round trip. One
// statement for all (id = ANY) is planned anew for each length of the list.
func (s *Store) getMany(ids []int32) []got {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	answers := make([]got, len(ids))
	err := database.Do(ctx, s.pool, database.Repeatable, func(ctx context.Context, c *pgxpool.Conn) error {
		if len(ids) == 1 {
			return answers[0].read(c.QueryRow(ctx, getOne, ids[0]))
		}
		var batch pgx.Batch
		for _, id := range ids {
			batch.Queue(getOne, id)
		}
		results := c.SendBatch(ctx, &batch)
		for i := range ids {
			if err := answers[i].read(results.QueryRow()); err != nil {
				return errors.Join(err, results.Close())
			}
		}
		return results.Close()
	})
	if err != nil {
		for i := range answers {
			answers[i] = got{err: fmt.Errorf("read fruit: %w", err)}
		}
	}
	return answers
}

// read takes one row; that there is none is an answer, not an error.
func (g *got) read(row pgx.Row) error {
	*g = got{}
	f := &g.fruit
	err := row.Scan(&f.ID, &f.Name, &f.Price, &f.Stock)
	if errors.Is(err, pgx.ErrNoRows) {
		g.err = ErrNotFound
		return nil
	}
	return err
}

// Set returns those of the entries that exist.
func (s *Store) Set(ctx context.Context, ids []int32) (map[int32]fruit.Fruit, error) {
	found := map[int32]fruit.Fruit{}
	err := database.Do(ctx, s.pool, database.Repeatable, func(ctx context.Context, c *pgxpool.Conn) error {
		clear(found)
		rows, err := c.Query(ctx, "SELECT "+columns+" FROM fruit WHERE id = ANY($1)", ids)
		if err != nil {
			return err
		}
		var f fruit.Fruit
		_, err = pgx.ForEachRow(rows, []any{&f.ID, &f.Name, &f.Price, &f.Stock}, func() error {
			found[f.ID] = f
			return nil
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read fruit: %w", err)
	}
	return found, nil
}

// translate gives the refusals of the database their names.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case database.NameTaken(err):
		return ErrNameTaken
	case database.IDsExhausted(err):
		return ErrIDsExhausted
	}
	return err
}
