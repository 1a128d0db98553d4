package database

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"orchard/api/internal/pgtest"
	"orchard/api/internal/settings"
)

const objectID = "bbbbbbbb-0000-4000-8000-000000000002"

// openWithPrincipals makes a cluster of the test's own, in whose database
// postgres stands what Azure has there, and a pool on another database.
func openWithPrincipals(t *testing.T, function string) (pg *pgtest.Cluster, migrate func() error) {
	t.Helper()
	pg, err := pgtest.Start(pgtest.Dir(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pg.Stop)
	pgtest.Exec(t, pg.URL("postgres"), "CREATE DATABASE orchard", function)
	return pg, func() error {
		pool, err := Open(context.Background(), settings.Database{URL: pg.URL("orchard"), Auth: settings.AuthPassword, Pool: 2})
		if err != nil {
			return err
		}
		defer pool.Close()
		return createPrincipal(context.Background(), pool, "orchard_app", objectID)
	}
}

const principalFunction = `CREATE FUNCTION pgaadauth_create_principal_with_oid(role text, oid text, kind text, admin boolean, mfa boolean)
	RETURNS text LANGUAGE plpgsql AS $$ BEGIN
		EXECUTE format('CREATE ROLE %I LOGIN', role);
		EXECUTE format('COMMENT ON ROLE %I IS %L', role, concat_ws(',', oid, kind, admin, mfa));
		RETURN 'Created role';
	END $$`

func TestPrincipalIsMadeOnce(t *testing.T) {
	t.Parallel()
	pg, migrate := openWithPrincipals(t, principalFunction)
	for range 2 { // the function fails on a role that is there
		if err := migrate(); err != nil {
			t.Fatalf("createPrincipal: %v", err)
		}
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, pg.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var got string
	err = conn.QueryRow(ctx, "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = 'orchard_app'").Scan(&got)
	if want := objectID + ",service,f,f"; err != nil || got != want {
		t.Errorf("called with: got %q, %v; want %q", got, err, want)
	}
}

// A rival that is about to make the role is waited for, and its role found.
func TestPrincipalWaitsForARival(t *testing.T) {
	t.Parallel()
	pg, migrate := openWithPrincipals(t, principalFunction)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	rival, err := pgx.Connect(ctx, pg.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer rival.Close(context.Background())
	tx, err := rival.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(roleLock)); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "CREATE ROLE orchard_app LOGIN"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- migrate() }()
	awaitWaiter(t, ctx, pg.URL("postgres"))
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("createPrincipal beside a rival: %v", err)
	}
}

// awaitWaiter returns when a session of the service waits for a lock.
func awaitWaiter(t *testing.T, ctx context.Context, url string) {
	t.Helper()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for waiting := false; !waiting; <-tick.C {
		err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_stat_activity
			WHERE application_name = 'orchard' AND wait_event_type = 'Lock')`).Scan(&waiting)
		if err != nil {
			t.Fatalf("wait for createPrincipal to wait: %v", err)
		}
	}
}

func TestPrincipalNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, migrate := openWithPrincipals(t, "SELECT 1")
	err := migrate()
	for _, want := range []string{"orchard_app", objectID, "pgaadauth_create_principal_with_oid"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("without Azure's function: got %v, want an error with %q", err, want)
		}
	}
}

// A token is not for a connection that anyone can read.
func TestEntraNeedsTLS(t *testing.T) {
	t.Parallel()
	credentials, err := entraToken("aaaaaaaa-0000-4000-8000-000000000001")
	if err != nil {
		t.Fatal(err)
	}
	config, err := pgx.ParseConfig("postgres://u@127.0.0.1/d?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	if err := credentials(context.Background(), config); err == nil || !strings.Contains(err.Error(), "sslmode=verify-full") {
		t.Errorf("without TLS: got %v, want an error that says verify-full", err)
	}
}
