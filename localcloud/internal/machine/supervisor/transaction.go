package supervisor

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"orchard/localcloud/internal/machine/unit"
)

// target says whether a unit is one of the well-known points of the boot,
// which an instance has always reached.
func target(name string) bool { return filepath.Ext(name) == ".target" }

// Start starts a unit and what it requires and wants, in order, and waits
// for the result.
func (m *Manager) Start(name string) error {
	plan, err := m.plan(name)
	if err != nil {
		return err
	}
	failed := map[string]bool{}
	var result error
	for _, u := range plan {
		err := m.startOne(u, failed)
		failed[u.Name] = err != nil
		if u.Name == name {
			result = err
		} else if err != nil {
			m.console.line("init", err.Error())
		}
	}
	return result
}

func (m *Manager) startOne(u unit.Unit, failed map[string]bool) error {
	for _, need := range slices.Concat(u.Requires, u.BindsTo) {
		if failed[need] {
			return fmt.Errorf("a dependency job for %s failed: %s did not start", u.Name, need)
		}
	}
	switch {
	case u.Socket != nil:
		return m.socket(u.Name).start(u)
	case u.Timer != nil:
		m.timer(u.Name).start(u)
		return nil
	}
	if err := m.service(u.Name).start(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.order = append(slices.DeleteFunc(m.order, func(n string) bool { return n == u.Name }), u.Name)
	return nil
}

// plan collects a unit with its requirements and wishes, each after what it
// is ordered after. A requirement without a file is an error, a wish is not.
func (m *Manager) plan(name string) ([]unit.Unit, error) {
	set := map[string]unit.Unit{}
	if err := m.collect(name, set); err != nil {
		return nil, err
	}
	return sorted(set)
}

func (m *Manager) collect(name string, set map[string]unit.Unit) error {
	if _, ok := set[name]; ok || target(name) {
		return nil
	}
	u, err := m.definition(name)
	if err != nil {
		return err
	}
	set[name] = u
	for _, need := range slices.Concat(u.Requires, u.BindsTo) {
		if err := m.collect(need, set); err != nil {
			return fmt.Errorf("%s requires %s: %w", name, need, err)
		}
	}
	for _, wish := range u.Wants {
		if err := m.collect(wish, set); err != nil && !errors.Is(err, errNotFound) {
			return fmt.Errorf("%s wants %s: %w", name, wish, err)
		}
	}
	return nil
}

// sorted orders units by After= and Before=, sockets before their services;
// units that no order binds come by name.
func sorted(set map[string]unit.Unit) ([]unit.Unit, error) {
	after := map[string][]string{}
	for name, u := range set {
		after[name] = append(after[name], u.After...)
		for _, later := range u.Before {
			after[later] = append(after[later], name)
		}
		if u.Socket != nil {
			after[u.Socket.Service] = append(after[u.Socket.Service], name)
		}
	}
	var (
		order []unit.Unit
		state = map[string]int{} // 1: being visited, 2: placed
		visit func(name string, path []string) error
	)
	visit = func(name string, path []string) error {
		u, ok := set[name]
		if !ok || state[name] == 2 {
			return nil
		}
		path = append(path, name)
		if state[name] == 1 {
			return fmt.Errorf("units are ordered in a circle: %s", strings.Join(path, " after "))
		}
		state[name] = 1
		slices.Sort(after[name])
		for _, earlier := range after[name] {
			if err := visit(earlier, path); err != nil {
				return err
			}
		}
		state[name] = 2
		order = append(order, u)
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if err := visit(name, nil); err != nil {
			return nil, err
		}
	}
	return order, nil
}

// Stop stops a unit, first the units that require it.
func (m *Manager) Stop(name string) error {
	if _, err := m.definition(name); err != nil && m.status(name).Active == "inactive" {
		return err
	}
	for _, dependent := range m.dependents(name, true) {
		if err := m.Stop(dependent); err != nil {
			return err
		}
	}
	switch filepath.Ext(name) {
	case ".socket":
		m.socket(name).stop(UnitStatus{Active: "inactive", Sub: "dead"})
		return nil
	case ".timer":
		m.timer(name).stop()
		return nil
	}
	return m.service(name).stop()
}

// dependents lists the active units that end with another: those bound to
// it, and where it is stopped on request those that require it.
func (m *Manager) dependents(name string, requested bool) []string {
	m.mu.Lock()
	var candidates []string
	for other, l := range m.units {
		if slices.Contains(l.unit.BindsTo, name) || requested && slices.Contains(l.unit.Requires, name) {
			candidates = append(candidates, other)
		}
	}
	m.mu.Unlock()
	slices.Sort(candidates)
	return slices.DeleteFunc(candidates, func(other string) bool {
		active := m.status(other).Active
		return active == "inactive" || active == "failed"
	})
}

// ended is told by a service that it is no longer active.
func (m *Manager) ended(name string) {
	for _, dependent := range m.dependents(name, false) {
		if err := m.Stop(dependent); err != nil {
			m.console.line("init", err.Error())
		}
	}
}

// StopAll stops what starts services, then every service, the last started
// first.
func (m *Manager) StopAll() {
	m.mu.Lock()
	order := slices.Clone(m.order)
	sockets := make([]*socket, 0, len(m.sockets))
	for _, s := range m.sockets {
		sockets = append(sockets, s)
	}
	timers := slices.Collect(maps.Values(m.timers))
	m.mu.Unlock()
	for _, s := range sockets { // first, so that no connection wakes a service again
		s.stop(UnitStatus{Active: "inactive", Sub: "dead"})
	}
	for _, t := range timers {
		t.stop()
	}
	for _, name := range slices.Backward(order) {
		if err := m.service(name).stop(); err != nil {
			m.console.line("init", err.Error())
		}
	}
}

// StartEnabled starts what was enabled for the boot.
func (m *Manager) StartEnabled() {
	links, err := filepath.Glob(filepath.Join(m.layout.Units(), "*.wants", "*"))
	if err != nil {
		m.console.line("init", err.Error())
	}
	for _, link := range links {
		if _, err := os.Lstat(link); err == nil {
			if err := m.Start(filepath.Base(link)); err != nil {
				m.console.line("init", err.Error())
			}
		}
	}
}
