package unit

import (
	"io/fs"
	"syscall"
	"time"
)

// Unit is one parsed unit file. Exactly one of Service, Socket and Timer is
// set.
type Unit struct {
	Name        string // with its suffix: "orchard.service"
	Description string

	Requires, Wants, BindsTo, After, Before []string

	Conditions []Condition
	WantedBy   []string

	StartLimitInterval time.Duration // 0: no limit
	StartLimitBurst    int

	Service *Service
	Socket  *Socket
	Timer   *Timer
}

// Condition is a ConditionPathExists=; the unit is skipped, without an
// error, where it does not hold.
type Condition struct {
	Path string
	Not  bool // written with a leading "!"
}

// Service is a [Service] section.
type Service struct {
	Type            string // "simple", "exec", "oneshot" or "notify"
	RemainAfterExit bool

	Start, StartPre, StartPost, Stop, Reload []Command

	Environment      []string // KEY=value
	EnvironmentFiles []File
	WorkingDirectory File // Path "" means the root of the instance

	Restart      string // "no", "always", "on-failure", "on-success", "on-abnormal" or "on-abort"
	RestartDelay time.Duration

	TimeoutStart, TimeoutStop time.Duration // 0: for ever

	KillMode   string // "control-group", "mixed", "process" or "none"
	KillSignal syscall.Signal

	RuntimeDirectory, StateDirectory []string // relative names
	RuntimeMode, StateMode           fs.FileMode

	Sockets []string // socket units beside the one of the same name
}

// Command is one command line, words split, variables not yet replaced.
type Command struct {
	Words         []string
	IgnoreFailure bool // written with a leading "-"
}

// File is a path that may be absent where Optional (a leading "-").
type File struct {
	Path     string
	Optional bool
}

// Socket is a [Socket] section, always Accept=no.
type Socket struct {
	Listen  []string // ListenStream values in order
	Name    string   // FileDescriptorName, the unit's name where not given
	Service string   // the service that gets the sockets
}

// Defaults of systemd-system.conf(5).
const (
	defaultTimeout       = 90 * time.Second
	defaultRestartDelay  = 100 * time.Millisecond
	defaultLimitInterval = 10 * time.Second
	defaultLimitBurst    = 5
)
