package supervisor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"orchard/localcloud/internal/machine/unit"
)

// Manager holds the units of one instance.
type Manager struct {
	layout  Layout
	console *console
	reaper  *reaper
	self    string // executable, run again as the shim that sets LISTEN_PID
	changes broadcast
	stress  stress

	mu       sync.Mutex
	units    map[string]loaded
	services map[string]*service
	sockets  map[string]*socket
	timers   map[string]*timer
	order    []string // in which services were last started
}

// loaded is a unit file as last read.
type loaded struct {
	unit unit.Unit
	err  error
}

// errNotFound is a unit without a file; systemctl exits with 5 for it.
var errNotFound = errors.New("not found")

func newManager(l Layout, c *console, r *reaper, self string) *Manager {
	return &Manager{
		layout: l, console: c, reaper: r, self: self,
		units: map[string]loaded{}, services: map[string]*service{}, sockets: map[string]*socket{}, timers: map[string]*timer{},
	}
}

// Reload reads all unit files anew. Units that run keep running; the new
// settings count from their next start.
func (m *Manager) Reload() error {
	entries, err := os.ReadDir(m.layout.Units())
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("read unit files: %w", err)
	}
	var problems []error
	units := map[string]loaded{}
	for _, entry := range entries {
		name := entry.Name()
		switch {
		case entry.IsDir() && strings.HasSuffix(name, ".d"):
			problems = append(problems, &unit.Problem{Unit: name, Reason: "drop-in folders are not supported"})
		case entry.IsDir(), strings.Contains(name, "@."):
		default:
			l := m.read(name)
			units[name] = l
			problems = append(problems, l.err)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.units = units
	return errors.Join(problems...)
}

// read parses one unit's file, or its template's.
func (m *Manager) read(name string) loaded {
	text, err := os.ReadFile(filepath.Join(m.layout.Units(), name))
	if prefix, rest, ok := strings.Cut(name, "@"); os.IsNotExist(err) && ok {
		text, err = os.ReadFile(filepath.Join(m.layout.Units(), prefix+"@"+filepath.Ext(rest)))
	}
	if os.IsNotExist(err) {
		return loaded{err: fmt.Errorf("unit %s: %w", name, errNotFound)}
	}
	if err != nil {
		return loaded{err: fmt.Errorf("read unit file: %w", err)}
	}
	u, err := unit.Parse(name, string(text))
	return loaded{u, err}
}

// definition returns a unit, reading its file if that was not done yet.
func (m *Manager) definition(name string) (unit.Unit, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok := m.units[name]
	if !ok || errors.Is(l.err, errNotFound) {
		l = m.read(name)
		m.units[name] = l
	}
	return l.unit, l.err
}

func (m *Manager) service(name string) *service {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.services[name]
	if s == nil {
		s = newService(m, name)
		m.services[name] = s
		go s.run()
	}
	return s
}

func (m *Manager) socket(name string) *socket {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.sockets[name]
	if s == nil {
		s = newSocket(m, name)
		m.sockets[name] = s
	}
	return s
}

func (m *Manager) timer(name string) *timer {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.timers[name]
	if t == nil {
		t = newTimer(m, name)
		m.timers[name] = t
	}
	return t
}

// status tells a unit's state without making it known.
func (m *Manager) status(name string) UnitStatus {
	m.mu.Lock()
	service, socket, timer := m.services[name], m.sockets[name], m.timers[name]
	m.mu.Unlock()
	switch {
	case timer != nil:
		return timer.state()
	case service != nil:
		return service.state()
	case socket != nil:
		return socket.state()
	}
	return UnitStatus{Active: "inactive", Sub: "dead"}
}

// statuses tells the state of every unit that was ever started.
func (m *Manager) statuses() map[string]UnitStatus {
	m.mu.Lock()
	var names []string
	for name := range m.services {
		names = append(names, name)
	}
	for name := range m.sockets {
		names = append(names, name)
	}
	for name := range m.timers {
		names = append(names, name)
	}
	m.mu.Unlock()
	all := map[string]UnitStatus{}
	for _, name := range names {
		all[name] = m.status(name)
	}
	return all
}

// socketsOf lists the socket units that lead to a service, by name.
func (m *Manager) socketsOf(service string) []*socket {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []*socket
	for name, s := range m.sockets {
		if m.units[name].unit.Socket != nil && m.units[name].unit.Socket.Service == service {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, func(a, b *socket) int { return strings.Compare(a.name, b.name) })
	return found
}
