package world

import (
	"context"
	"fmt"

	"orchard/localcloud/internal/postgres"
)

// databaseTiming is how long failovers wait: what the cloud documents over the
// time scale, or the detection that the daemon was started with, alone.
func (w *World) databaseTiming() postgres.Timing {
	if w.opts.DatabaseDetection > 0 {
		return postgres.Timing{Detection: w.opts.DatabaseDetection}
	}
	t := w.cloud().DatabaseTiming()
	return postgres.Timing{Detection: w.Scaled(t.Detection), Address: w.Scaled(t.Address)}
}

// zoneDown says that nothing runs in a zone.
func (w *World) zoneDown(zone string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.inForce(ZoneDown, zone) || w.inForce(ZoneHang, zone)
}

// FailOver has the standby of a database, by its name or id, take over from
// the primary. It is on disk when this returns, and under way. The error is
// postgres.ErrNotPromotable where there is no standby in sync.
func (w *World) FailOver(database string) error {
	pair, err := w.pairNamed(database)
	if err != nil {
		return err
	}
	return pair.FailOver()
}

func (w *World) pairNamed(database string) (*postgres.Pair, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	id, err := w.runningDatabase(database)
	if err != nil {
		return nil, err
	}
	return w.actual.databases[id].pair, nil
}

// runningDatabase is the id of a database by its name or id. Callers hold the
// lock.
func (w *World) runningDatabase(database string) (string, error) {
	for id, db := range w.declared.Databases {
		if id != database && db.Name != database {
			continue
		}
		if w.actual.databases[id] == nil {
			return "", fmt.Errorf("database %s does not run yet", db.Name)
		}
		return id, nil
	}
	return "", fmt.Errorf("stack %s has no database %s", w.state.Stack, database)
}

// AskDatabase asks a database one question, as its superuser. See
// postgres.Pair.Ask.
func (w *World) AskDatabase(ctx context.Context, id, sql string, arguments []any, targets ...any) error {
	w.mu.Lock()
	running := w.actual.databases[id]
	w.mu.Unlock()
	if running == nil {
		return postgres.ErrNoPrimary
	}
	return running.pair.Ask(ctx, sql, arguments, targets...)
}

// DatabaseRole asks a database for one of its roles.
func (w *World) DatabaseRole(ctx context.Context, id, name string) (postgres.Role, error) {
	w.mu.Lock()
	running := w.actual.databases[id]
	w.mu.Unlock()
	if running == nil {
		return postgres.Role{}, postgres.ErrNoPrimary
	}
	return running.pair.Role(ctx, name)
}
