package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Process identifies a process for good: a process id alone is used again.
type Process struct {
	PID   int    `json:"pid"`
	Start uint64 `json:"start"` // clock ticks from boot, field 22 of /proc/PID/stat
	Boot  string `json:"boot"`  // the kernel's id of this boot
}

var bootID = sync.OnceValue(func() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "unknown" // the start time still tells processes apart
	}
	return strings.TrimSpace(string(id))
})

// procStat is what /proc/PID/stat says.
type procStat struct {
	command string
	state   byte
	parent  int
	start   uint64
}

func readStat(pid int) (procStat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return procStat{}, err
	}
	return parseStat(text)
}

// parseStat reads a stat line; the command may hold blanks and parentheses.
func parseStat(text []byte) (procStat, error) {
	from, to := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if from < 0 || to < from {
		return procStat{}, fmt.Errorf("stat line not understood: %q", text)
	}
	fields := strings.Fields(string(text[to+1:])) // from field 3 on
	if len(fields) < 20 {
		return procStat{}, fmt.Errorf("stat line too short: %q", text)
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return procStat{}, fmt.Errorf("stat line not understood: %w", err)
	}
	start, err := strconv.ParseUint(fields[19], 10, 64)
	if err != nil {
		return procStat{}, fmt.Errorf("stat line not understood: %w", err)
	}
	return procStat{command: string(text[from+1 : to]), state: fields[0][0], parent: parent, start: start}, nil
}

// dead: a zombie has ended, it only waits for its parent.
func (s procStat) dead() bool { return s.state == 'Z' || s.state == 'X' }

// processOf identifies a running process.
func processOf(pid int) (Process, error) {
	stat, err := readStat(pid)
	if err != nil {
		return Process{}, err
	}
	if stat.dead() {
		return Process{}, fmt.Errorf("process %d has ended", pid)
	}
	return Process{PID: pid, Start: stat.start, Boot: bootID()}, nil
}

// Alive says whether this very process runs. A zombie does not.
func (p Process) Alive() bool {
	if p.PID <= 0 || p.Boot != bootID() {
		return false
	}
	stat, err := readStat(p.PID)
	return err == nil && stat.start == p.Start && !stat.dead()
}

// runsIn says whether the process lives in the folder as the user: a
// postmaster's working directory is its data folder.
func (p Process) runsIn(folder string, uid uint32) bool {
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", p.PID))
	if err != nil || cwd != folder {
		return false
	}
	info, err := os.Stat(fmt.Sprintf("/proc/%d", p.PID))
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Uid == uid && p.Alive()
}

// signal sends a signal to this very process; one that has ended is no error.
func (p Process) signal(sig unix.Signal) error {
	fd, err := unix.PidfdOpen(p.PID, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open process %d: %w", p.PID, err)
	}
	defer unix.Close(fd)
	if !p.Alive() { // asked after the open: the descriptor cannot change its process any more
		return nil
	}
	if err := unix.PidfdSendSignal(fd, sig, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("signal process %d: %w", p.PID, err)
	}
	return nil
}

// wait returns when the process has ended, or with the context's error.
func (p Process) wait(ctx context.Context) error {
	fd, err := unix.PidfdOpen(p.PID, unix.PIDFD_NONBLOCK)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open process %d: %w", p.PID, err)
	}
	file := os.NewFile(uintptr(fd), "pidfd") // non-blocking, so the runtime's poller waits and no thread does
	defer file.Close()
	if !p.Alive() {
		return nil
	}
	stop := context.AfterFunc(ctx, func() { _ = file.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	raw, err := file.SyscallConn()
	if err != nil {
		return fmt.Errorf("watch process %d: %w", p.PID, err)
	}
	err = raw.Read(func(fd uintptr) bool {
		ready, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		return err == nil && ready > 0
	})
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// eachProcess calls visit for every process of the machine.
func eachProcess(visit func(pid int, stat procStat)) error {
	entries, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(filepath.Base(entry))
		if err != nil {
			continue
		}
		if stat, err := readStat(pid); err == nil { // it may have ended since
			visit(pid, stat)
		}
	}
	return nil
}
