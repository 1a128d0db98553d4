package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"orchard/api/internal/database"
	"orchard/api/internal/fruit"
)

// List returns a page of entries and the exact number of all that pass the
// filters. Both come from one statement, so they agree.
func (s *Store) List(ctx context.Context, q *fruit.Query) (entries []fruit.Fruit, total int64, err error) {
	statement, args := listSQL(q)
	err = database.Do(ctx, s.pool, database.Repeatable, func(ctx context.Context, c *pgxpool.Conn) error {
		entries = make([]fruit.Fruit, 0, min(q.Limit, 64))
		return readPage(ctx, c, statement, args, &entries, &total)
	})
	if err != nil {
		return nil, 0, fmt.Errorf("list fruit: %w", err)
	}
	return entries, total, nil
}

// readPage reads rows of the total and an entry; a page without entries is one
// row whose entry is null.
func readPage(ctx context.Context, c *pgxpool.Conn, statement string, args []any, entries *[]fruit.Fruit, total *int64) error {
	rows, err := c.Query(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var id, stock *int32
	var name, price *string
	for rows.Next() {
		if err := rows.Scan(total, &id, &name, &price, &stock); err != nil {
			return err
		}
		if id != nil {
			*entries = append(*entries, fruit.Fruit{ID: *id, Name: *name, Price: *price, Stock: *stock})
		}
	}
	return rows.Err()
}

type sqlBuilder struct {
	args []any
}

func (b *sqlBuilder) arg(v any) string {
	b.args = append(b.args, v)
	return "$" + strconv.Itoa(len(b.args))
}

// listSQL returns the statement for a list. Every name in it comes from
// fruit.Fields; every value is an argument.
func listSQL(q *fruit.Query) (string, []any) {
	var b sqlBuilder
	where := b.where(q.Filters)
	count := "SELECT sum(n)::bigint AS n FROM fruit_count"
	if where != "" {
		count = "SELECT count(*) AS n FROM fruit WHERE " + where
	}
	if q.Keyset {
		where = and(where, "id > "+b.arg(q.After))
	}
	if where != "" {
		where = " WHERE " + where
	}
	page := "SELECT id, name, price, stock FROM fruit" + where + " ORDER BY " + orderBy("", q.Order) +
		" LIMIT " + b.arg(q.Limit) + " OFFSET " + b.arg(q.Offset)
	return "SELECT t.n, f.id, f.name, f.price::text, f.stock FROM (" + count + ") t LEFT JOIN (" + page +
		") f ON true ORDER BY " + orderBy("f.", q.Order), b.args
}

func and(left, right string) string {
	if left == "" {
		return right
	}
	return left + " AND " + right
}

// orderBy ends with the id, so that the order is total and pages do not overlap.
func orderBy(prefix string, order []fruit.Order) string {
	var b strings.Builder
	for _, o := range order {
		b.WriteString(prefix + o.Field)
		if o.Descending {
			b.WriteString(" DESC")
		}
		if o.Field == "id" {
			return b.String()
		}
		b.WriteString(", ")
	}
	return b.String() + prefix + "id"
}

func (b *sqlBuilder) where(filters []fruit.Filter) string {
	var all string
	for _, f := range filters {
		all = and(all, b.condition(f))
	}
	return all
}

var comparisons = map[string]string{"exact": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

func (b *sqlBuilder) condition(f fruit.Filter) string {
	column, kind := f.Field.Name, sqlType(f.Field.Kind)
	switch f.Lookup {
	case "in":
		return column + " = ANY(" + b.arg(f.Values) + "::text[]::" + kind + "[])"
	case "range":
		return column + " BETWEEN " + b.arg(f.Values[0]) + "::text::" + kind + " AND " + b.arg(f.Values[1]) + "::text::" + kind
	case "startswith":
		return "starts_with(" + column + ", " + b.arg(f.Values[0]) + "::text)"
	case "endswith":
		n := b.arg(f.Values[0]) + "::text"
		return "right(" + column + ", length(" + n + ")) = " + n
	case "contains":
		return "strpos(" + column + ", " + b.arg(f.Values[0]) + "::text) > 0"
	}
	return column + " " + comparisons[f.Lookup] + " " + b.arg(f.Values[0]) + "::text::" + kind
}

func sqlType(k fruit.Kind) string {
	switch k {
	case fruit.Decimal:
		return "numeric"
	case fruit.Integer:
		return "bigint"
	}
	return "text"
}
