package machine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"orchard/localcloud/internal/machine/proc"
	"orchard/localcloud/internal/machine/supervisor"
)

// ErrGone is the error of Adopt for an instance whose init does not run any
// more. Processes may be left of it: see Sweep.
var ErrGone = errors.New("its init is not running")

// State is what an instance tells about itself, see package supervisor.
type State = supervisor.State

// Phase is how far an instance has come.
type Phase = supervisor.Phase

// The phases of an instance.
const (
	Booting      = supervisor.Booting
	ScriptFailed = supervisor.ScriptFailed
	Running      = supervisor.Running
	Stopped      = supervisor.Stopped
)

// Handle holds on to a running instance, whoever started it.
type Handle struct {
	Record Record
	pidfd  *os.File
	done   chan struct{}
}

// Adopt takes hold of a running instance: the process must be the recorded
// one, of this boot, and carry the instance's id. The error wraps ErrGone
// when it is not there.
func Adopt(r Record) (*Handle, error) {
	fd, err := unix.PidfdOpen(r.PID, unix.PIDFD_NONBLOCK)
	if err == unix.ESRCH || err == unix.EINVAL {
		return nil, fmt.Errorf("adopt instance %s: %w", r.ID, ErrGone)
	}
	if err != nil {
		return nil, fmt.Errorf("adopt instance %s: %w", r.ID, err)
	}
	if err := verify(r); err != nil { // after opening, so that it is about this very process
		unix.Close(fd)
		return nil, fmt.Errorf("adopt instance %s: %w", r.ID, err)
	}
	h := &Handle{Record: r, pidfd: os.NewFile(uintptr(fd), "pidfd"), done: make(chan struct{})}
	go h.wait()
	return h, nil
}

func verify(r Record) error {
	boot, err := proc.BootID()
	if err != nil {
		return err
	}
	stat, err := proc.Read(r.PID)
	if boot != r.Boot || err != nil || stat.Start != r.Start || stat.Dead() {
		return ErrGone
	}
	if !isInit(r.PID, r.ID, r.Dir) {
		return fmt.Errorf("process %d is another's", r.PID)
	}
	return nil
}

// isInit says whether a process is the init of an instance. Just after its
// start a process still shows what it was forked from, so the command line
// is given a moment to appear.
func isInit(pid int, id, dir string) bool {
	for try := 0; try < 50; try++ {
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if err != nil {
			return false
		}
		words := strings.Split(strings.TrimSuffix(string(line), "\x00"), "\x00")
		marker, _ := proc.Env(pid, supervisor.Marker)
		if len(words) == 3 && words[1] == supervisor.Init && words[2] == dir && marker == id {
			return true
		}
		time.Sleep(2 * time.Millisecond)
	}
	return false
}

// wait closes done when the process has ended, and collects it when it is
// our own child: a zombie would keep its number.
func (h *Handle) wait() {
	defer close(h.done)
	defer h.pidfd.Close()
	raw, err := h.pidfd.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Read(func(fd uintptr) bool {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(fds, 0)
		return err == nil && n > 0
	})
	_ = raw.Control(func(fd uintptr) {
		_ = unix.Waitid(unix.P_PIDFD, int(fd), nil, unix.WEXITED, nil) // ECHILD: another's child
	})
}

// Done is closed when the instance's init has ended. Other processes of the
// instance may be left then: see Kill.
func (h *Handle) Done() <-chan struct{} { return h.done }

// Status reads how the instance is; booting before it has said anything.
func (h *Handle) Status() (State, error) {
	s, err := supervisor.ReadState(supervisor.Layout{Dir: h.Record.Dir}.State())
	if err != nil {
		return s, fmt.Errorf("status of instance %s: %w", h.Record.ID, err)
	}
	return s, nil
}

// Terminate asks the instance to shut down in order and kills what is left
// after grace, or when ctx ends. An instance that hangs cannot shut down: it
// is killed at once, as a machine that does not answer is powered off.
func (h *Handle) Terminate(ctx context.Context, grace time.Duration) error {
	if h.Hung() {
		return h.Kill()
	}
	select {
	case <-h.done:
	default:
		_ = syscall.Kill(h.Record.PID, syscall.SIGTERM) // gone already is as good
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-h.done:
	case <-timer.C:
	case <-ctx.Done():
	}
	return h.Kill()
}

// Remove deletes the instance's folders. End it first.
func Remove(r Record) error {
	if err := errors.Join(os.RemoveAll(r.Dir), os.RemoveAll(r.RunDir)); err != nil {
		return fmt.Errorf("remove folder of instance %s: %w", r.ID, err)
	}
	return nil
}
