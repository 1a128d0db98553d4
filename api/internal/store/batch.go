package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"orchard/api/internal/database"
	"orchard/api/internal/fruit"
)

// maxCreates bounds how many creates share a transaction.
const maxCreates = 64

// insertMany inserts what it can and returns what it inserted; the rest met a
// name or an id that is taken.
const insertMany = `INSERT INTO fruit (name, price, stock)
	SELECT * FROM unnest($1::text[], $2::text[]::numeric[], $3::integer[])
	ON CONFLICT DO NOTHING RETURNING id, name`

type made struct {
	id  int32
	err error
}

// Create adds an entry and returns its id. Creates that come together share a
// transaction: it commits for all of them or for none, and a name that is
// taken fails its own create alone.
func (s *Store) Create(ctx context.Context, f fruit.Fruit) (int32, error) {
	m, asked, err := s.creates.Do(ctx, f)
	switch {
	case err != nil && asked:
		m.err = fmt.Errorf("%w: %w", database.ErrOutcomeUnknown, err)
	case err != nil:
		m.err = fmt.Errorf("%w: %w", database.ErrUnavailable, err)
	}
	if err := translate(m.err); err != nil {
		return 0, fmt.Errorf("create fruit: %w", err)
	}
	return m.id, nil
}

func (s *Store) createMany(fruits []fruit.Fruit) []made {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	answers := make([]made, len(fruits))
	var ids map[string]int32
	if len(fruits) > 1 {
		var err error
		if ids, err = s.insertMany(ctx, fruits); err != nil {
			for i := range answers {
				answers[i].err = err
			}
			return answers
		}
	}
	for i, f := range fruits {
		id, ok := ids[f.Name]
		if !ok {
			answers[i] = s.createOne(ctx, f)
			continue
		}
		delete(ids, f.Name) // a second create of this name in the batch did not insert it
		answers[i].id = id
	}
	return answers
}

// insertMany returns the ids of the names that were inserted. The rows go in
// by the order of names, so that two batches that share names wait for each
// other and do not deadlock.
func (s *Store) insertMany(ctx context.Context, fruits []fruit.Fruit) (map[string]int32, error) {
	sorted := slices.SortedFunc(slices.Values(fruits), func(a, b fruit.Fruit) int { return cmp.Compare(a.Name, b.Name) })
	names, prices, stocks := make([]string, len(sorted)), make([]string, len(sorted)), make([]int32, len(sorted))
	for i, f := range sorted {
		names[i], prices[i], stocks[i] = f.Name, f.Price, f.Stock
	}
	ids := make(map[string]int32, len(fruits))
	err := database.Do(ctx, s.pool, database.Single, func(ctx context.Context, c *pgxpool.Conn) error {
		rows, err := c.Query(ctx, insertMany, names, prices, stocks)
		if err != nil {
			return err
		}
		var id int32
		var name string
		_, err = pgx.ForEachRow(rows, []any{&id, &name}, func() error {
			ids[name] = id
			return nil
		})
		return err
	})
	return ids, err
}

func (s *Store) createOne(ctx context.Context, f fruit.Fruit) (m made) {
	m.err = database.Do(ctx, s.pool, database.Single, func(ctx context.Context, c *pgxpool.Conn) error {
		var err error
		m.id, err = insertNext(ctx, c, "", f.Name, f.Price, f.Stock)
		return err
	})
	return m
}
