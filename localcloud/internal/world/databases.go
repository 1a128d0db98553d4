package world

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"orchard/localcloud/internal/postgres"
)

// database is the running side of a database: its servers and its endpoint.
type database struct {
	pair   *postgres.Pair
	stop   context.CancelFunc // of the pair's watch and the endpoint
	bound  string             // host:port of the endpoint; empty while it has none
	asked  postgres.Spec      // what the pair was last asked for
	ended  chan struct{}      // closed when the endpoint has ended
	failed error              // why the endpoint could not be opened
}

// databaseFolder is where a database keeps its files. An id that is a path is
// too long for the sockets in there, so a digest of it is the name.
func (w *World) databaseFolder(id string) string {
	if strings.Contains(id, "/") {
		sum := sha256.Sum256([]byte(id))
		id = hex.EncodeToString(sum[:6])
	}
	return filepath.Join(w.folder, "d", id)
}

// planDatabases creates, changes and deletes database servers.
func (w *World) planDatabases() []step {
	var steps []step
	for _, id := range slices.Sorted(maps.Keys(w.declared.Databases)) {
		declared := w.declared.Databases[id]
		server, ok := w.state.Databases[id]
		if !ok {
			server = &DatabaseServer{ID: id}
			w.state.Databases[id] = server
		}
		running := w.actual.databases[id]
		switch {
		case server.Error != "" || w.tasks["database/"+id]:
		case running == nil:
			steps = append(steps, w.databaseStep(id, "create", w.createDatabase, declared))
		case !reflect.DeepEqual(running.asked, w.databaseSpec(declared)):
			steps = append(steps, w.databaseStep(id, "change", w.changeDatabase, declared))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(w.state.Databases)) {
		if _, ok := w.declared.Databases[id]; !ok && !w.tasks["database/"+id] {
			steps = append(steps, w.databaseStep(id, "delete", w.deleteDatabase, Database{ID: id}))
		}
	}
	return steps
}

func (w *World) databaseStep(id, verb string, do func(context.Context, Database) error, db Database) step {
	return step{key: "database/" + id, do: func(ctx context.Context) {
		err := do(ctx, db)
		if err == nil || ctx.Err() != nil {
			return
		}
		w.update(func() {
			if server, ok := w.state.Databases[id]; ok {
				server.Error = fmt.Sprintf("%s database: %v", verb, err)
			}
			w.event("database", id, fmt.Sprintf("cannot %s: %v", verb, err))
		})
	}}
}

func (w *World) databaseSpec(db Database) postgres.Spec {
	superuser, groups := w.cloud().DatabaseRoles()
	return postgres.Spec{
		Folder: w.databaseFolder(db.ID), Zones: db.Zones, Standby: db.Standby,
		Database: db.Database, MasterRole: db.MasterRole,
		Superuser: superuser, Groups: groups, Setup: w.cloud().DatabaseSetup(),
		Settings: db.Parameters, MaxConnections: db.MaxConnections,
	}
}

func (w *World) databaseHost(id string) (postgres.Host, error) {
	account, err := postgres.ServerAccount()
	if err != nil {
		return postgres.Host{}, err
	}
	return postgres.Host{
		Install: w.opts.Postgres, Account: account, Log: w.log,
		Save:   func(s postgres.State) error { return w.savePair(id, s) },
		Barred: w.zoneDown,
		Tell:   func(message string) { w.event("database", id, message) },
		Timing: w.databaseTiming(),
	}, nil
}

// savePair writes down what a pair of servers says of itself.
func (w *World) savePair(id string, s postgres.State) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	server, ok := w.state.Databases[id]
	if !ok {
		return errors.New("the database is deleted")
	}
	server.Pair = &s
	if err := w.save(); err != nil {
		return err
	}
	w.wake()
	return nil
}

func (w *World) createDatabase(ctx context.Context, db Database) error {
	host, err := w.databaseHost(db.ID)
	if err != nil {
		return err
	}
	w.event("database", db.ID, "create database "+db.Name)
	spec := w.databaseSpec(db)
	if err := os.MkdirAll(filepath.Dir(spec.Folder), 0o711); err != nil {
		return fmt.Errorf("make database folder: %w", err)
	}
	pair, err := postgres.Create(ctx, host, spec)
	if err != nil {
		return err
	}
	return w.runDatabase(pair, db, spec)
}

// changeDatabase brings a running database to what is declared now.
func (w *World) changeDatabase(ctx context.Context, db Database) error {
	w.mu.Lock()
	running := w.actual.databases[db.ID]
	w.mu.Unlock()
	spec := w.databaseSpec(db)
	if err := running.pair.Update(ctx, spec); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	running.asked = spec
	w.event("database", db.ID, "database "+db.Name+" has been changed")
	w.wake()
	return nil
}

func (w *World) deleteDatabase(ctx context.Context, db Database) error {
	w.mu.Lock()
	running := w.actual.databases[db.ID]
	w.mu.Unlock()
	if running != nil {
		running.stop()
		<-running.ended
		if err := running.pair.Delete(ctx); err != nil {
			return err
		}
	} else {
		host, err := w.databaseHost(db.ID)
		if err != nil {
			return err
		}
		if err := postgres.Remove(ctx, host.Account, w.databaseFolder(db.ID)); err != nil {
			return err
		}
	}
	w.update(func() {
		delete(w.state.Databases, db.ID)
		delete(w.actual.databases, db.ID)
		w.event("database", db.ID, "database is deleted")
	})
	return nil
}

func (w *World) databaseSettled(db Database) (bool, error) {
	server := w.state.Databases[db.ID]
	if server == nil {
		return false, nil
	}
	if server.Error != "" {
		return false, errors.New(server.Error)
	}
	running := w.actual.databases[db.ID]
	return running != nil && running.bound != "" && reflect.DeepEqual(running.asked, w.databaseSpec(db)), nil
}
