package world

import (
	"errors"
	"fmt"
	"net"
	"time"

	"orchard/localcloud/internal/machine"
)

// Allow says whether whoever made a loopback connection may reach the
// destination: an instance as far as the rules and routes of its subnet go, any
// other process of this machine always, for it has none. The sentence of the
// error says what is missing.
func (w *World) Allow(conn net.Conn, destination string) error {
	_, id, err := machine.Peer(conn)
	if err != nil {
		return fmt.Errorf("find out who connects: %w", err)
	}
	if id == "" {
		return nil
	}
	return w.allowInstance(conn, id, destination)
}

func (w *World) allowInstance(conn net.Conn, id, destination string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	i, ok := w.state.Instances[id]
	if !ok {
		return fmt.Errorf("instance %s is not of this world", id)
	}
	if block, blocked := w.fromInstance(i, destination); blocked {
		if !w.databaseBlocked(i, destination) { // a fault is in the log
			w.refuse(i, block.Why)
		}
		return errors.New(block.Why)
	}
	if _, ok := w.declared.Databases[destination]; ok {
		w.noteOpen(route{instance: id, database: destination}, conn)
	}
	return nil
}

// fromInstance finds what keeps an instance from a destination. Callers hold
// the lock.
func (w *World) fromInstance(i *Instance, destination string) (Block, bool) {
	if w.databaseBlocked(i, destination) {
		return w.faultBlock(DatabaseBlocked, i.Zone), true
	}
	return w.declared.Groups[i.Group].Blocked.at(Path{Zone: i.Zone, End: destination, Far: w.primaryZone(destination)})
}

// databaseBlocked says whether a fault keeps an instance from a database.
func (w *World) databaseBlocked(i *Instance, destination string) bool {
	_, database := w.declared.Databases[destination]
	return database && w.inForce(DatabaseBlocked, i.Zone)
}

// primaryZone is where the primary of a database is; empty for what is no
// database, or has none.
func (w *World) primaryZone(database string) string {
	server := w.state.Databases[database]
	if server == nil || server.Pair == nil {
		return ""
	}
	for _, s := range server.Pair.Servers {
		if s.Name == server.Pair.Primary {
			return s.Zone
		}
	}
	return ""
}

// Refused notes that the cloud has refused something to an instance, and why.
// If the instance does not come up, that is the sentence to show.
func (w *World) Refused(instance, why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if i, ok := w.state.Instances[instance]; ok {
		w.refuse(i, why)
	}
}

// RefusedOn is Refused for whoever made a loopback connection.
func (w *World) RefusedOn(conn net.Conn, why string) {
	_, id, err := machine.Peer(conn)
	if err != nil {
		w.log.Warn("cannot find out who was refused", "reason", why, "error", err)
		return
	}
	w.Refused(id, why)
}

// refusal is what a cloud has refused, and when it did so last.
type refusal struct {
	why string
	at  time.Time
}

func (w *World) refuse(i *Instance, why string) {
	if w.actual.refused[i.Group].why != why {
		w.event("instance", i.ID, "refused: "+why)
	}
	w.actual.refused[i.Group] = refusal{why, time.Now()}
}

// Instance answers a copy of an instance's record.
func (w *World) Instance(id string) (Instance, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i, ok := w.state.Instances[id]
	if !ok {
		return Instance{}, false
	}
	return *i, true
}
