package world

import (
	"errors"
	"fmt"
	"time"

	"orchard/localcloud/internal/machine"
	"orchard/localcloud/internal/postgres"
)

// adopt takes over what an earlier daemon left: instances and database servers
// that run, and those that it had only begun. Nothing that runs is restarted.
func (w *World) adopt() error {
	if err := w.adoptDatabases(); err != nil {
		return err
	}
	return w.adoptInstances()
}

func (w *World) adoptInstances() error {
	adopted, err := w.takeOverInstances()
	if err != nil {
		return err
	}
	for _, i := range adopted {
		version := w.Declared().Templates[i.Template].Versions[i.TemplateVersion]
		if _, err := w.cloud().Boot(w.ctx, w, i, version); err != nil {
			return fmt.Errorf("answer instance %s again: %w", i.ID, err)
		}
		w.event("instance", i.ID, "adopted")
	}
	return nil
}

// takeOverInstances takes hold of the processes and answers the instances that
// run.
func (w *World) takeOverInstances() ([]Instance, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var running []Instance
	for id, i := range w.state.Instances {
		if i.State == Terminating {
			i.Health = nil // its pools have no memory of it
		}
		if i.Process != nil {
			w.watch(i)
			if !w.gone(id) {
				running = append(running, *i)
			}
			continue
		}
		// Written down, but whether it was started is not known: what there
		// is of it carries its id.
		if err := machine.Sweep(id); err != nil {
			return nil, fmt.Errorf("sweep instance %s: %w", id, err)
		}
		i.State, i.Reason = Terminating, "the daemon ended while it was being started"
		w.actual.gone[id] = time.Now()
	}
	return running, w.save()
}

func (w *World) adoptDatabases() error {
	for id, server := range w.databasesToAdopt() {
		host, err := w.databaseHost(id)
		if err != nil {
			return err
		}
		pair, err := postgres.Adopt(w.ctx, host, *server.Pair)
		if errors.Is(err, postgres.ErrNotCreated) {
			continue // the loop creates it anew
		}
		if err != nil {
			return fmt.Errorf("adopt database %s: %w", id, err)
		}
		w.event("database", id, "adopted")
		db := w.Declared().Databases[id]
		if err := w.runDatabase(pair, db, pair.State().Spec); err != nil {
			return fmt.Errorf("adopt database %s: %w", id, err)
		}
	}
	return nil
}

// databasesToAdopt are those that have servers and are still declared.
func (w *World) databasesToAdopt() map[string]DatabaseServer {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[string]DatabaseServer{}
	for id, server := range w.state.Databases {
		server.Error = ""
		if _, declared := w.declared.Databases[id]; declared && server.Pair != nil {
			out[id] = *server
		}
	}
	return out
}
