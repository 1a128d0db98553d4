package machine

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"

	"orchard/localcloud/internal/machine/probe"
	"orchard/localcloud/internal/machine/supervisor"
)

// Spec says what to start.
type Spec struct {
	ID      string // unique on the machine; letters, digits, "-"
	Zone    string
	Address string // an IPv4 loopback address that is the instance's alone
	Dir     string // absolute, made by Start

	// RunDir holds the instance's sockets, whose paths Linux limits to 107
	// bytes; empty means Dir/run. It is made by Start and removed with Dir.
	RunDir string

	UserData []byte

	// Env is added to what every process of the instance sees; PATH,
	// DESTDIR, HOME, TMPDIR, CURL_HOME and LANG are set already and may
	// not be among it.
	Env []string

	// Files are written before the start, readable by the instance: keys
	// are paths relative to Dir, such as "curl/.curlrc".
	Files map[string][]byte

	// Commands are the names under which Executable appears in the
	// instance's PATH; it tells them apart by argv[0].
	Commands   []string
	Executable string // a program that runs supervisor.Run when its first argument is "init"
	Store      string // folder for copies of Executable by content, shared by instances

	User string // as root: who the instance runs as; empty means "nobody"

	// Health is how the instance asks itself for its health, see
	// Handle.Health; nil means that it does not.
	Health *HealthProbe
}

// HealthProbe is a health check from inside, see package probe.
type HealthProbe = probe.Probe

// Record is what finds a running instance again. It is plain data, to be
// kept on disk.
type Record struct {
	ID      string
	Zone    string
	Address string
	Dir     string
	RunDir  string

	PID   int    // of its init
	Start uint64 // of that process, in clock ticks since boot
	Boot  string // boot id: after a reboot nothing is adopted
}

func (s *Spec) layout() supervisor.Layout {
	l := supervisor.Layout{ID: s.ID, Zone: s.Zone, Address: s.Address, Dir: s.Dir, RunDir: s.RunDir, Health: s.Health}
	if l.RunDir == "" {
		l.RunDir = filepath.Join(s.Dir, "run")
	}
	return l
}

// roomForUnits is left in a socket path for RuntimeDirectory= and the
// service's own file name.
const roomForUnits = len("/runtime-directory/admin.sock")

// check finds everything that is wrong with a Spec.
func (s *Spec) check() error {
	var problems []error
	add := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if s.ID == "" || strings.Trim(s.ID, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		add("id %q is not made of letters, digits and dashes", s.ID)
	}
	if ip, err := netip.ParseAddr(s.Address); err != nil || !ip.Is4() || !ip.IsLoopback() {
		add("address %q is not an IPv4 loopback address", s.Address)
	}
	for name, path := range map[string]string{"Dir": s.Dir, "Executable": s.Executable, "Store": s.Store} {
		if !filepath.IsAbs(path) {
			add("%s %q is not an absolute path", name, path)
		}
	}
	if s.RunDir != "" && !filepath.IsAbs(s.RunDir) {
		add("RunDir %q is not an absolute path", s.RunDir)
	}
	l := s.layout()
	problems = append(problems,
		supervisor.CheckSocketPath(l.Control()),
		supervisor.CheckSocketPath(l.Runtime()+strings.Repeat("x", roomForUnits)))
	if s.Health != nil {
		problems = append(problems, s.Health.Check())
	}
	for path := range s.Files {
		if !filepath.IsLocal(path) {
			add("file %q is not a path below the instance's folder", path)
		}
	}
	own := s.environment(nil)
	for _, entry := range s.Env {
		name, _, ok := strings.Cut(entry, "=")
		if !ok || name == "" {
			add("environment entry %q is not NAME=value", name)
		}
		for _, fixed := range own {
			if strings.HasPrefix(fixed, name+"=") {
				add("environment variable %s is set by the machine", name)
			}
		}
	}
	return errors.Join(problems...)
}

// environment is the whole environment of the instance's init.
func (s *Spec) environment(extra []string) []string {
	l := s.layout()
	return append([]string{
		"PATH=" + l.Image() + ":/usr/bin:/bin",
		"DESTDIR=" + l.Root(),
		"HOME=" + l.Home(),
		"TMPDIR=" + l.Temp(),
		"CURL_HOME=" + l.Curl(),
		"LANG=C.UTF-8",
		supervisor.Marker + "=" + s.ID,
		supervisor.ControlVariable + "=" + l.Control(),
	}, extra...)
}
