package pgtest

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Database makes an empty database on the shared cluster for one test and
// returns its superuser's URL and its name.
func Database(t testing.TB) (url, name string) {
	t.Helper()
	name = "t_" + strings.ToLower(rand.Text()[:16])
	Exec(t, shared.URL("postgres"), "CREATE DATABASE "+name)
	return shared.URL(name), name
}

// URLAs is the address of a database of the shared cluster for role.
func URLAs(role, database string) string { return shared.URLAs(role, database) }

// Exec runs statements over a connection of their own.
func Exec(t testing.TB, url string, statements ...string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	defer conn.Close(ctx)
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s); err != nil {
			t.Fatalf("run %q: %v", s, err)
		}
	}
}
