package supervisor

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"orchard/localcloud/internal/machine/unit"
)

// TriggerLimitIntervalSec= and TriggerLimitBurst= of systemd.socket(5): a
// socket that wakes its service this often without being served is failed.
const (
	triggerInterval = 2 * time.Second
	triggerBurst    = 20
)

// socket is one .socket unit. Its descriptors stay open over all starts of
// its service; nobody here accepts from them.
type socket struct {
	m    *Manager
	name string

	mu     sync.Mutex
	def    unit.Unit
	files  []*os.File
	cancel *os.File // write end; closing it wakes the watcher
	status UnitStatus
}

func newSocket(m *Manager, name string) *socket {
	return &socket{m: m, name: name, status: UnitStatus{Active: "inactive", Sub: "dead"}}
}

func (s *socket) state() UnitStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// start binds and begins to listen; nothing when it does already.
func (s *socket) start(def unit.Unit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files != nil {
		return nil
	}
	files, err := listenAll(def.Socket.Listen, s.m.layout)
	if err != nil {
		s.set(UnitStatus{Active: "failed", Sub: "failed", Result: string(resources)})
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	wake, cancel, err := os.Pipe()
	if err != nil {
		closeAll(files)
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	s.def, s.files, s.cancel = def, files, cancel
	s.set(UnitStatus{Active: "active", Sub: "listening", Result: string(success)})
	go s.watch(files, wake, def.Socket.Service)
	return nil
}

// set publishes a status; the caller holds the lock.
func (s *socket) set(status UnitStatus) {
	s.status = status
	s.m.changes.tell()
}

// stop closes the descriptors; a running service keeps its copies.
func (s *socket) stop(end UnitStatus) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files == nil {
		return
	}
	for _, value := range s.def.Socket.Listen {
		if filepath.IsAbs(value) {
			_ = os.Remove(s.m.layout.inRoot(value))
		}
	}
	s.cancel.Close()
	s.files, s.cancel = nil, nil // the watcher closes them when it has left its wait
	s.set(end)
}

// descriptors returns duplicates for a start of the service, with their names.
func (s *socket) descriptors() (files []*os.File, names []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.files {
		fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			closeAll(files)
			return nil, nil, fmt.Errorf("pass %s: %w", s.name, err)
		}
		files = append(files, os.NewFile(uintptr(fd), s.name))
		names = append(names, s.def.Socket.Name)
	}
	return files, names, nil
}

// watch starts the service when a connection waits and nobody serves it.
func (s *socket) watch(files []*os.File, wake *os.File, service string) {
	defer wake.Close()
	defer closeAll(files)
	var triggers []time.Time
	for s.awaitIdle(service) && readable(files, wake) {
		var hit bool
		if triggers, hit = limited(triggers, triggerInterval, triggerBurst, time.Now()); hit {
			s.m.console.line(s.name, "the service was started too often without serving a connection: the socket is closed")
			s.stop(UnitStatus{Active: "failed", Sub: "failed", Result: "trigger-limit-hit"})
			return
		}
		triggers = append(triggers, time.Now())
		if err := s.m.Start(service); err != nil {
			s.m.console.line(s.name, err.Error())
		}
	}
}

// awaitIdle waits until nobody serves the socket and no restart is due;
// false once the socket is stopped.
func (s *socket) awaitIdle(service string) bool {
	for {
		changed := s.m.changes.wait()
		if s.state().Sub != "listening" {
			return false
		}
		switch s.m.status(service).Active {
		case "inactive", "failed":
			return true
		}
		<-changed
	}
}

// readable waits for a connection on any of files; false once wake is closed.
func readable(files []*os.File, wake *os.File) bool {
	fds := []unix.PollFd{{Fd: int32(wake.Fd()), Events: unix.POLLIN}}
	for _, f := range files {
		fds = append(fds, unix.PollFd{Fd: int32(f.Fd()), Events: unix.POLLIN})
	}
	for {
		_, err := unix.Poll(fds, -1)
		if err == unix.EINTR {
			continue
		}
		return err == nil && fds[0].Revents == 0
	}
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

func listenAll(values []string, l Layout) ([]*os.File, error) {
	var files []*os.File
	for _, value := range values {
		address, err := l.resolve(value)
		if err == nil {
			var f *os.File
			if f, err = bind(address, value); err == nil {
				files = append(files, f)
				continue
			}
		}
		closeAll(files)
		return nil, fmt.Errorf("listen on %s: %w", value, err)
	}
	return files, nil
}

// inRoot leads an absolute path below the instance's root, unless it is
// there already.
func (l Layout) inRoot(path string) string {
	if path == l.Root() || strings.HasPrefix(path, l.Root()+"/") {
		return path
	}
	return filepath.Join(l.Root(), path)
}

// resolve says where a ListenStream value binds. All addresses of the
// machine, and its localhost, are the one address of the instance.
func (l Layout) resolve(value string) (unix.Sockaddr, error) {
	if filepath.IsAbs(value) {
		path := l.inRoot(value)
		if rest, ok := strings.CutPrefix(path, filepath.Join(l.Root(), "run")+"/"); ok {
			path = filepath.Join(l.Runtime(), rest) // the shorter way to the same folder
		}
		return &unix.SockaddrUnix{Name: path}, CheckSocketPath(path)
	}
	own, err := netip.ParseAddr(l.Address)
	if err != nil || !own.Is4() || !own.IsLoopback() {
		return nil, fmt.Errorf("the instance's address %q is not an IPv4 loopback address", l.Address)
	}
	host, port := "", value
	if i := strings.LastIndex(value, ":"); i >= 0 {
		host, port = strings.Trim(value[:i], "[]"), value[i+1:]
	}
	switch host {
	case "", "0.0.0.0", "::", "127.0.0.1", "::1", l.Address:
	default:
		return nil, fmt.Errorf("%s is no address of this instance, which is %s", host, l.Address)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("port %q is not a number", port)
	}
	return &unix.SockaddrInet4{Port: number, Addr: own.As4()}, nil
}

// bind opens a listening socket. It is in blocking mode, as systemd passes
// sockets unless NonBlocking= says otherwise.
func bind(address unix.Sockaddr, name string) (*os.File, error) {
	family := unix.AF_INET
	if at, ok := address.(*unix.SockaddrUnix); ok {
		family = unix.AF_UNIX
		if err := os.MkdirAll(filepath.Dir(at.Name), 0o755); err != nil {
			return nil, err
		}
		if err := os.Remove(at.Name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	if err == nil {
		err = unix.Bind(fd, address)
	}
	if err == nil {
		err = unix.Listen(fd, unix.SOMAXCONN)
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// maxSocketPath is sun_path of unix(7) less the closing zero.
const maxSocketPath = 107

// CheckSocketPath refuses a path too long for a unix socket.
func CheckSocketPath(path string) error {
	if len(path) > maxSocketPath {
		return fmt.Errorf("the socket path %s has %d bytes, Linux allows %d: choose a shorter folder", path, len(path), maxSocketPath)
	}
	return nil
}
