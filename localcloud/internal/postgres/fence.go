package postgres

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// fenceTime bounds a fence: SIGKILL takes effect at once unless the kernel
// itself is stuck in input or output.
const fenceTime = 10 * time.Second

// Fence ends every process of the server that lives in the data folder and
// returns when all are dead, so that nothing can be acknowledged any more.
// The postmaster is stopped first, so that no child is born meanwhile;
// children that survived an earlier death of it are found by their working
// directory. Fencing a server that does not run is no error.
func Fence(ctx context.Context, data string, postmaster Process) error {
	ctx, cancel := context.WithTimeout(ctx, fenceTime)
	defer cancel()
	if postmaster.Alive() {
		if err := postmaster.signal(unix.SIGSTOP); err != nil {
			return fmt.Errorf("fence server: %w", err)
		}
	}
	for {
		members, err := membersOf(data, postmaster)
		if err != nil {
			return fmt.Errorf("fence server: %w", err)
		}
		if len(members) == 0 {
			return nil
		}
		if err := killAll(ctx, members); err != nil {
			return fmt.Errorf("fence server in %s: %w", data, err)
		}
	}
}

// killAll kills the processes and waits for each.
func killAll(ctx context.Context, members []Process) error {
	for _, member := range members {
		if err := member.signal(unix.SIGKILL); err != nil {
			return err
		}
	}
	for _, member := range members {
		if err := member.wait(ctx); err != nil {
			return fmt.Errorf("wait for killed process %d: %w", member.PID, err)
		}
	}
	return nil
}

// membersOf lists the living processes of a server: postgres processes that
// work in its data folder, and whatever descends from them or from the
// postmaster (a COPY ... PROGRAM, say).
func membersOf(data string, postmaster Process) ([]Process, error) {
	stats := map[int]procStat{}
	if err := eachProcess(func(pid int, stat procStat) { stats[pid] = stat }); err != nil {
		return nil, err
	}
	roots := map[int]bool{}
	if postmaster.Alive() {
		roots[postmaster.PID] = true
	}
	for pid, stat := range stats {
		if stat.command == "postgres" && worksIn(pid, data) {
			roots[pid] = true
		}
	}
	var members []Process
	for pid, stat := range stats {
		if !stat.dead() && descends(pid, roots, stats) {
			members = append(members, Process{PID: pid, Start: stat.start, Boot: bootID()})
		}
	}
	return members, nil
}

// descends says whether the process or an ancestor of it is a root.
func descends(pid int, roots map[int]bool, stats map[int]procStat) bool {
	for range len(stats) { // ids that are used again could make a ring
		if pid <= 1 {
			return false
		}
		if roots[pid] {
			return true
		}
		pid = stats[pid].parent
	}
	return false
}

func worksIn(pid int, data string) bool {
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	return err == nil && strings.TrimSuffix(cwd, " (deleted)") == data
}
