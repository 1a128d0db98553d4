package azurecloud

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"orchard/localcloud/internal/postgres"
)

const (
	admin  = "orchard-admin"
	object = "11111111-2222-4333-8444-555555555555"
)

// server is a real PostgreSQL with what this cloud's databases come with.
func server(t *testing.T) *postgres.Pair {
	t.Helper()
	install, err := postgres.Find(t.Context(), postgres.Search{Path: os.Getenv("PATH")})
	if err != nil {
		t.Fatal(err)
	}
	account, err := postgres.ServerAccount()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "azure-*") // short, for the socket's path
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(folder, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	c := &Cloud{}
	superuser, groups := c.DatabaseRoles()
	host := postgres.Host{Install: install, Account: account, Save: func(postgres.State) error { return nil }, Log: slog.New(slog.DiscardHandler)}
	pair, err := postgres.Create(t.Context(), host, postgres.Spec{
		Folder: filepath.Join(folder, "d"), Zones: []string{"westeurope-1"}, Database: "orchard", MasterRole: admin,
		Superuser: superuser, Groups: groups, Setup: c.DatabaseSetup(), MaxConnections: 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pair.Delete(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return pair
}

// as is a connection of a role to database postgres, past the endpoint.
func as(t *testing.T, pair *postgres.Pair, role string) *pgx.Conn {
	t.Helper()
	socket, _, err := pair.Primary()
	if err != nil {
		t.Fatal(err)
	}
	config, err := pgx.ParseConfig("")
	if err != nil {
		t.Fatal(err)
	}
	config.Host, config.Port, config.User, config.Database, config.TLSConfig, config.Fallbacks = filepath.Dir(socket), 5432, role, "postgres", nil, nil
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

const create = "select * from pgaadauth_create_principal_with_oid($1, $2, $3, $4, $5)"

func mapped(t *testing.T, pair *postgres.Pair, role string) (string, error) {
	t.Helper()
	var got string
	err := pair.Ask(t.Context(), principalQuery, []any{role}, &got)
	return got, err
}

func TestPrincipals(t *testing.T) {
	t.Parallel()
	pair := server(t)
	conn := as(t, pair, admin)
	var said string
	err := conn.QueryRow(t.Context(), create, "orchard_app", strings.ToUpper(object), "service", false, false).Scan(&said)
	if err != nil || said != "Created role for orchard_app" {
		t.Fatalf("create principal: got %q, %v", said, err)
	}
	if got, err := mapped(t, pair, "orchard_app"); err != nil || got != object {
		t.Errorf("principal of orchard_app: got %q, %v; want %s", got, err, object)
	}
	role, err := pair.Role(t.Context(), "orchard_app")
	if err != nil || !role.Login {
		t.Errorf("role orchard_app: got %+v, %v; want one that may log in", role, err)
	}
	if _, err := mapped(t, pair, admin); !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("principal of %s: got %v, want none: SQL has not made it", admin, err)
	}
	t.Run("not another's", func(t *testing.T) {
		if _, err := conn.Exec(t.Context(), `drop role orchard_app; create role orchard_app login`); err != nil {
			t.Fatalf("the administrator makes the role anew: %v", err)
		}
		if got, err := mapped(t, pair, "orchard_app"); !errors.Is(err, pgx.ErrNoRows) {
			t.Errorf("principal of a new role of the old name: got %q, %v; want none", got, err)
		}
	})
}

func TestPrincipalsRefuse(t *testing.T) {
	t.Parallel()
	pair := server(t)
	conn := as(t, pair, admin)
	if _, err := conn.Exec(t.Context(), "create role plain login"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		role string
		args []any
		code string
	}{
		"not an administrator": {"plain", []any{"r1", object, "service", false, false}, "42501"},
		"no GUID":              {admin, []any{"r2", "x", "service", false, false}, "22P02"},
		"unknown type":         {admin, []any{"r3", object, "robot", false, false}, "23514"},
		"multi-factor":         {admin, []any{"r4", object, "service", false, true}, "0A000"},
		"role exists":          {admin, []any{"plain", object, "service", false, false}, "42710"},
	} {
		var said string
		err := as(t, pair, c.role).QueryRow(t.Context(), create, c.args...).Scan(&said)
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.Code != c.code {
			t.Errorf("%s: got %q, %v; want SQLSTATE %s", name, said, err, c.code)
		}
	}
	for _, sql := range []string{
		"insert into pgaadauth.principals values (10, '" + object + "', 'service')",
		"select * from pgaadauth.principals",
		"create or replace function pg_catalog.pgaadauth_create_principal_with_oid(a text, b text, c text, d boolean, e boolean) returns text language sql as 'select 1::text'",
	} {
		if _, err := conn.Exec(t.Context(), sql); err == nil {
			t.Errorf("as the administrator, %s: got no error, want a refusal", sql)
		}
	}
}
