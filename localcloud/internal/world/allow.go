package world

import (
	"errors"
	"fmt"
	"net"

	"orchard/localcloud/internal/machine"
)

// Allow says whether whoever made a loopback connection may reach the
// destination: an instance as far as the rules and routes of its group go, any
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
	w.mu.Lock()
	defer w.mu.Unlock()
	i, ok := w.state.Instances[id]
	if !ok {
		return fmt.Errorf("instance %s is not of this world", id)
	}
	if blocked := w.declared.Groups[i.Group].Blocked[destination]; blocked != "" {
		w.refuse(i, blocked)
		return errors.New(blocked)
	}
	return nil
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

func (w *World) refuse(i *Instance, why string) {
	if w.actual.refused[i.Group] != why {
		w.actual.refused[i.Group] = why
		w.event("instance", i.ID, "refused: "+why)
	}
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
