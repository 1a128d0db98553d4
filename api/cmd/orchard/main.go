// Orchard is the fruit service.
//
//	orchard serve     answer requests until SIGTERM, then drain
//	orchard migrate   bring the database's schema and role up to date
//	orchard events    drain the service before Azure deletes its machine
//	orchard version   print the release as JSON
//
// It is set up by environment variables alone; package settings lists them.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"orchard/api/internal/database"
	"orchard/api/internal/events"
	"orchard/api/internal/release"
	"orchard/api/internal/server"
	"orchard/api/internal/settings"
)

const usage = `usage: orchard serve | migrate | events | version

  serve     answer requests until SIGTERM, then drain
  migrate   bring the database's schema and role up to date, and exit
  events    watch Azure's scheduled events until SIGTERM, and drain the service
            before its machine is deleted
  version   print the release as JSON

Settings are environment variables: ORCHARD_DATABASE_URL (needed),
ORCHARD_DATABASE_AUTH, ORCHARD_DATABASE_SECRET, ORCHARD_DATABASE_POOL,
ORCHARD_LISTEN, ORCHARD_INSTANCE, ORCHARD_ZONE, ORCHARD_DRAIN_WAIT,
ORCHARD_WRITE_TOKEN_SHA256, ORCHARD_TLS, ORCHARD_TLS_CERT, ORCHARD_TLS_KEY;
for migrate ORCHARD_APP_ROLE, ORCHARD_APP_PRINCIPAL; with
ORCHARD_DATABASE_AUTH=azure-entra also AZURE_CLIENT_ID.

For events:
  ORCHARD_INSTANCE      the virtual machine's name (needed)
  ORCHARD_ADMIN_SOCKET  path of the service's admin.sock (needed)
  ORCHARD_DRAIN_WAIT    from the drain to the approval, default 0s
  ORCHARD_EVENTS_POLL   from 1s (default) to 5s
  HTTP_PROXY            honoured, also for the metadata service
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "orchard:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("one command is needed\n%s", usage)
	}
	log := slog.New(slog.NewJSONHandler(stderr, nil))
	switch args[0] {
	case "serve":
		s, err := settings.ParseServe(environ)
		if err != nil {
			return err
		}
		return server.Run(ctx, s, log.With("instance", s.Instance, "zone", s.Zone))
	case "migrate":
		return migrate(ctx, environ, log)
	case "events":
		v, err := settings.ParseEvents(environ)
		if err != nil {
			return err
		}
		return events.Run(ctx, v, log.With("instance", v.Instance))
	case "version":
		return version(stdout)
	case "help", "-h", "-help", "--help":
		_, err := io.WriteString(stdout, usage)
		return err
	}
	return fmt.Errorf("%q is not a command\n%s", args[0], usage)
}

// migrateTimeout bounds a migration, the wait for other instances included.
const migrateTimeout = 5 * time.Minute

func migrate(ctx context.Context, environ []string, log *slog.Logger) error {
	m, err := settings.ParseMigrate(environ)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, migrateTimeout)
	defer cancel()
	pool, err := database.Open(ctx, m.Database)
	if err != nil {
		return err
	}
	defer pool.Close()
	applied, err := database.Migrate(ctx, pool, m.AppRole, m.AppPrincipal)
	if err != nil {
		return err
	}
	log.Info("migrated", "applied", applied, "role", m.AppRole, "principal", m.AppPrincipal)
	return nil
}

func version(stdout io.Writer) error {
	info, err := release.Read()
	if err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(info)
}
