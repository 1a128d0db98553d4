package supervisor

import (
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// reaper starts processes and collects every child that ends, those that
// were adopted from dead parents too. One lock covers starting and
// collecting, so that an exit cannot be collected before it is expected.
type reaper struct {
	mu       sync.Mutex
	expected map[int]*process
}

// process is one started process.
type process struct {
	pid    int
	done   chan struct{} // closed when it has ended
	status syscall.WaitStatus
}

// run collects children until stop is closed.
func (r *reaper) run(stop <-chan struct{}) {
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	defer signal.Stop(children)
	for {
		r.collect()
		select {
		case <-children:
		case <-stop:
			return
		}
	}
}

func (r *reaper) collect() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		if p := r.expected[pid]; p != nil {
			delete(r.expected, pid)
			p.status = status
			close(p.done)
		}
	}
}

// start runs a command in a session of its own. files are its descriptors
// from 0.
func (r *reaper) start(path string, args, env []string, dir string, files []*os.File) (*process, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	started, err := os.StartProcess(path, args, &os.ProcAttr{
		Dir: dir, Env: env, Files: files,
		Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	p := &process{pid: started.Pid, done: make(chan struct{})}
	if err := started.Release(); err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	r.expected[p.pid] = p
	return p, nil
}

// kill signals a process that has not been collected: after that its number
// may be another's.
func (r *reaper) kill(p *process, sig syscall.Signal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.expected[p.pid] == p {
		_ = syscall.Kill(p.pid, sig)
	}
}

// subreaper makes this process the parent of all its orphaned descendants,
// and keeps them from gaining rights by set-user-id programs.
func subreaper() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("become child subreaper: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("set no new privileges: %w", err)
	}
	return nil
}
