package supervisor

import (
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"orchard/localcloud/internal/machine/probe"
	"orchard/localcloud/internal/machine/proc"
)

// Init is the word by which an instance's first process is started.
const Init = "init"

// instance is the init process's own record.
type instance struct {
	layout  Layout
	console *console
	manager *Manager

	mu    sync.Mutex
	state State
}

// Run is the life of an instance whose folder is dir, from its first process
// to an orderly end by SIGTERM. The caller is that process, in a session of
// its own and with the environment that the instance's processes are to see.
func Run(dir string) error {
	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM)
	outlive()
	l, err := ReadLayout(dir)
	if err != nil {
		return err
	}
	if err := subreaper(); err != nil {
		return err
	}
	syscall.Umask(0o022)
	i := &instance{layout: l, state: State{Phase: Booting}}
	if i.console, err = openConsole(l.Console()); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find own executable: %w", err)
	}
	r := &reaper{expected: map[int]*process{}}
	i.manager = newManager(l, i.console, r, self)
	stopped := make(chan struct{})
	defer close(stopped)
	go r.run(stopped)
	return i.live(terminate)
}

// outlive keeps signals that are not meant for it from ending init. They are
// caught rather than ignored, because a process would inherit that.
func outlive() {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGPIPE)
}

func (i *instance) live(terminate <-chan os.Signal) error {
	listener, err := listenControl(i.layout.Control())
	if err != nil {
		return err
	}
	defer listener.Close()
	if err := i.record(func(*State) {}); err != nil {
		return err
	}
	go i.manager.serve(listener)
	go i.follow()
	if i.layout.Health != nil {
		asker, err := probe.NewAsker(*i.layout.Health, i.layout.Address)
		if err != nil {
			return err
		}
		go i.observe(asker)
	}
	booted := make(chan error, 1)
	go func() { booted <- i.boot() }()
	for {
		select {
		case err := <-booted:
			if err != nil {
				return err
			}
		case <-terminate:
			i.shutDown()
			return i.record(func(s *State) { s.Phase = Stopped })
		}
	}
}

// listenControl opens the control socket for this user alone.
func listenControl(path string) (*net.UnixListener, error) {
	if err := CheckSocketPath(path); err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("open control socket: %w", err)
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("open control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, fmt.Errorf("open control socket: %w", err)
	}
	return listener, nil
}

// record changes the state and puts it on disk.
func (i *instance) record(change func(*State)) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	change(&i.state)
	i.state.Units = i.manager.statuses()
	i.state.Changed = time.Now().UTC()
	return i.state.write(i.layout.State())
}

// follow keeps the state file in step with the units.
func (i *instance) follow() {
	for {
		changed := i.manager.changes.wait()
		if err := i.record(func(*State) {}); err != nil {
			i.console.line("init", err.Error())
		}
		<-changed
	}
}

// boot runs the user-data, the first time, or starts the enabled units.
func (i *instance) boot() error {
	if _, err := os.Stat(i.layout.ranOnce()); err == nil {
		i.console.line("init", "the user-data has been run before: starting enabled units")
		i.manager.StartEnabled()
		return i.record(func(s *State) { s.Phase = Running })
	}
	if err := os.WriteFile(i.layout.ranOnce(), nil, 0o600); err != nil {
		return fmt.Errorf("mark user-data as run: %w", err)
	}
	exit, err := i.runScript()
	if err != nil {
		exit = 126
		i.console.line("init", err.Error())
	}
	if exit == 0 {
		i.console.line("init", "user-data ended: running")
		return i.record(func(s *State) { s.Phase = Running })
	}
	problem := fmt.Sprintf("user-data ended with exit code %d", exit)
	if err != nil {
		problem = err.Error()
	}
	i.console.line("init", problem)
	return i.record(func(s *State) {
		s.Phase, s.ExitCode, s.Problem, s.Console = ScriptFailed, exit, problem, i.console.last()
	})
}

// runScript executes the user-data itself, so that its first line chooses
// the interpreter. All output is in the console log when it returns, unless
// the script left something running that still writes.
func (i *instance) runScript() (int, error) {
	file := i.layout.UserData()
	head, err := readHead(file)
	if err != nil {
		return 0, fmt.Errorf("read user-data: %w", err)
	}
	if !strings.HasPrefix(head, "#!") {
		return 0, fmt.Errorf("the user-data is no script: it starts with %q instead of #! and an interpreter", head)
	}
	output, drained, err := i.console.pipe("user-data")
	if err != nil {
		return 0, err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, fmt.Errorf("open %s: %w", os.DevNull, err)
	}
	p, err := i.manager.reaper.start(file, []string{file}, os.Environ(), i.layout.Root(), []*os.File{null, output, output})
	null.Close()
	output.Close()
	if err != nil {
		return 0, err
	}
	<-p.done
	select {
	case <-drained:
	case <-time.After(200 * time.Millisecond):
	}
	return code(p.status), nil
}

func readHead(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	head := make([]byte, 2)
	n, err := file.Read(head)
	if n == 0 && err != nil {
		return "", fmt.Errorf("%s is empty", path)
	}
	return string(head[:n]), nil
}

// shutDown stops the units in order, then whatever else still runs.
func (i *instance) shutDown() {
	i.console.line("init", "shutting down")
	i.manager.StopAll()
	rest := func() []proc.Stat {
		all, err := proc.All()
		if err != nil {
			return nil
		}
		var living []proc.Stat
		for _, s := range proc.Descendants(all, os.Getpid()) {
			if !s.Dead() {
				living = append(living, s)
			}
		}
		return living
	}
	signalAll(rest(), syscall.SIGTERM)
	awaitGone(rest, lastGrace)
	killAll(rest)
	i.console.line("init", "stopped")
}

// lastGrace is how long processes outside of any unit have to end.
const lastGrace = 2 * time.Second
