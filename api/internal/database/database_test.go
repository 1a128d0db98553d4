package database

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"orchard/api/internal/pgtest"
	"orchard/api/internal/settings"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func migrateOnce(ctx context.Context, url, role string) ([]int64, error) {
	pool, err := Open(ctx, settings.Database{URL: url, Auth: settings.AuthPassword, Pool: 4})
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	return Migrate(ctx, pool, role, "")
}

// Ten instances boot at once: one applies each migration, all succeed, and the
// role has data rights and no more.
func TestMigrateTenAtOnce(t *testing.T) {
	t.Parallel()
	url, name := pgtest.Database(t)
	role := "app_" + name
	var group errgroup.Group
	applied := make([][]int64, 10)
	for i := range applied {
		group.Go(func() (err error) {
			applied[i], err = migrateOnce(context.Background(), url, role)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	var all []int64
	for _, a := range applied {
		all = append(all, a...)
	}
	if d := cmp.Diff([]int64{1, 2, 3}, all); d != "" {
		t.Errorf("versions applied by all ten together (-want +got):\n%s", d)
	}
	again, err := migrateOnce(context.Background(), url, role)
	if err != nil || again != nil {
		t.Errorf("migrate again: got %v, %v; want nothing applied", again, err)
	}
	checkRights(t, pgtest.URLAs(role, name))
}

func checkRights(t *testing.T, url string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatalf("connect as the application's role: %v", err)
	}
	defer conn.Close(ctx)
	for statement, allowed := range map[string]bool{
		"INSERT INTO fruit (name) VALUES ('apple')":       true,
		"UPDATE fruit SET stock = 1":                      true,
		"DELETE FROM fruit WHERE id = 99":                 true,
		"SELECT sum(n) FROM fruit_count":                  true,
		"UPDATE fruit_count SET n = 0":                    false,
		"TRUNCATE fruit":                                  false,
		"ALTER TABLE fruit ADD x int":                     false,
		"DROP TABLE fruit":                                false,
		"CREATE ROLE mallory":                             false,
		"SELECT * FROM goose_db_version":                  false,
		"SELECT setval('fruit_id_seq', 2147483647, true)": false,
		"UPDATE idempotency SET fruit_id = 1":             false,
	} {
		_, err := conn.Exec(ctx, statement)
		if got := err == nil; got != allowed {
			t.Errorf("%q as the application's role: got allowed %t, want %t (%v)", statement, got, allowed, err)
		}
	}
}

// rds_iam exists on RDS; the role is granted it there, once.
func TestRoleIsGrantedIAM(t *testing.T) {
	t.Parallel()
	url, name := pgtest.Database(t)
	// The cluster is shared: the role stays, and other tests bear it.
	pgtest.Exec(t, url, `DO $$ BEGIN CREATE ROLE rds_iam; EXCEPTION WHEN duplicate_object THEN NULL; END $$`)
	role := "app_" + name
	for range 2 {
		if _, err := migrateOnce(context.Background(), url, role); err != nil {
			t.Fatalf("migrate: %v", err)
		}
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var member bool
	err = conn.QueryRow(ctx, "SELECT pg_has_role($1, 'rds_iam', 'member')", role).Scan(&member)
	if err != nil || !member {
		t.Errorf("member of rds_iam: got %t, %v; want true", member, err)
	}
}

func TestCountFollowsEveryChange(t *testing.T) {
	t.Parallel()
	url, name := pgtest.Database(t)
	if _, err := migrateOnce(context.Background(), url, "app_"+name); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, statement := range []string{
		"INSERT INTO fruit (name) SELECT 'f' || g FROM generate_series(1, 1000) g",
		"INSERT INTO fruit (name) VALUES ('f1') ON CONFLICT DO NOTHING",
		"DELETE FROM fruit WHERE id % 3 = 0",
		"BEGIN; DELETE FROM fruit; ROLLBACK",
		"UPDATE fruit SET stock = 5",
		"TRUNCATE fruit",
		"INSERT INTO fruit (name) VALUES ('last')",
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		var got, want int64
		err := conn.QueryRow(ctx, "SELECT (SELECT sum(n)::bigint FROM fruit_count), (SELECT count(*) FROM fruit)").Scan(&got, &want)
		if err != nil || got != want {
			t.Errorf("count after %q: got %d, want %d (%v)", statement, got, want, err)
		}
	}
}

func TestOpenHidesThePassword(t *testing.T) {
	t.Parallel()
	_, err := Open(context.Background(), settings.Database{URL: "postgres://u:geheim@h:notaport/d", Pool: 2})
	if err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("error: got %v, want one without the password", err)
	}
}

func TestParseSecret(t *testing.T) {
	t.Parallel()
	user, password, err := parseSecret(`{"username":"orchard_admin","password":"p/w:d","host":"ignored"}`)
	if user != "orchard_admin" || password != "p/w:d" || err != nil {
		t.Errorf("secret: got %q, %q, %v", user, password, err)
	}
	for _, bad := range []string{"", "geheim", `{"username":"u"}`, `{"password":"geheim"}`} {
		if _, _, err := parseSecret(bad); err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("secret %q: got error %v, want one that repeats nothing", bad, err)
		}
	}
}
