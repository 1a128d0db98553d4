package world

import (
	"context"
	"fmt"
	"slices"

	"orchard/localcloud/internal/postgres"
)

// checkDatabaseFault refuses a fault that would hit nothing. Callers hold the
// lock.
func (w *World) checkDatabaseFault(k FaultKind, target string) error {
	id, err := w.runningDatabase(target)
	if err != nil {
		return err
	}
	state := w.actual.databases[id].pair.State()
	if _, paired := state.Standby(); !paired && (k.Name == DatabaseStandbyKill || k.Name == DatabaseStandbyHang) {
		return fmt.Errorf("database %s has no standby", target)
	}
	if !state.Synced && k.Name == DatabaseFailover {
		return fmt.Errorf("database %s: %w: its standby is not in sync", target, postgres.ErrNotPromotable)
	}
	return nil
}

// planDatabaseFaults does to the database servers what faults do once, and
// what zones that are down do to them for as long as they are.
func (w *World) planDatabaseFaults() []step {
	var steps []step
	for n := range w.state.Faults {
		f := &w.state.Faults[n]
		if k, err := faultKind(f.Kind); err != nil || k.Target != "database" || f.Applied {
			continue
		}
		f.Applied, w.unsaved = true, true
		if id, err := w.runningDatabase(f.Target); err == nil {
			steps = append(steps, w.databaseFault(id, f.Kind))
		}
	}
	for id, running := range w.actual.databases {
		for _, server := range running.pair.State().Servers {
			steps = append(steps, w.downWithZone(id, running.pair, server)...)
		}
	}
	return steps
}

func (w *World) databaseFault(id, kind string) step {
	pair := w.actual.databases[id].pair
	return w.serverStep(id, kind, func(ctx context.Context) error {
		state := pair.State()
		standby, _ := state.Standby()
		switch kind {
		case DatabasePrimaryKill:
			return pair.Kill(ctx, state.Primary)
		case DatabasePrimaryHang:
			return pair.Hang(state.Primary)
		case DatabaseStandbyKill:
			return pair.Kill(ctx, standby.Name)
		case DatabaseStandbyHang:
			return pair.Hang(standby.Name)
		}
		return pair.FailOver()
	})
}

// downWithZone ends or hangs a server whose zone is down.
func (w *World) downWithZone(id string, pair *postgres.Pair, server postgres.Server) []step {
	if !server.Process.Alive() {
		return nil
	}
	if w.inForce(ZoneDown, server.Zone) {
		return []step{w.serverStep(id+"/"+server.Name, ZoneDown, func(ctx context.Context) error { return pair.Kill(ctx, server.Name) })}
	}
	if w.inForce(ZoneHang, server.Zone) && !w.actual.stopped[server.Process] {
		w.actual.stopped[server.Process] = true
		return []step{w.serverStep(id+"/"+server.Name, ZoneHang, func(context.Context) error { return pair.Hang(server.Name) })}
	}
	return nil
}

// unhangServers has the database servers go on that no fault in force stops.
// Callers hold the lock.
func (w *World) unhangServers() {
	for id, running := range w.actual.databases {
		if w.hangs(id) {
			continue
		}
		for _, server := range running.pair.State().Servers {
			if w.inForce(ZoneHang, server.Zone) {
				continue
			}
			delete(w.actual.stopped, server.Process)
			w.start(w.serverStep(id+"/"+server.Name, "unhang", func(context.Context) error { return running.pair.Unhang(server.Name) }))
		}
	}
}

// hangs says whether a fault in force hangs a server of the database itself.
func (w *World) hangs(id string) bool {
	return slices.ContainsFunc(w.state.Faults, func(f Fault) bool {
		target, err := w.runningDatabase(f.Target)
		return err == nil && target == id && (f.Kind == DatabasePrimaryHang || f.Kind == DatabaseStandbyHang)
	})
}

func (w *World) serverStep(id, kind string, do func(context.Context) error) step {
	return step{key: faultTask(id, kind), do: func(ctx context.Context) {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			w.event("fault", id, fmt.Sprintf("fault %s: %v", kind, err))
		}
	}}
}
