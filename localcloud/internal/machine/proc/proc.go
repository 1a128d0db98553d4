// Package proc reads what the kernel says of processes in /proc: parents,
// start times, the environment a process was started with.
//
// A process that ends while it is being read is simply not there: listings
// leave it out rather than fail. Zombies are listed, with State 'Z'.
package proc

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Stat is the part of /proc/PID/stat that identifies a process and its
// place in the tree.
type Stat struct {
	PID, PPID, Group, Session int

	State byte   // 'R', 'S', 'Z', ... as in proc(5)
	Start uint64 // clock ticks since boot (field 22); with PID it names a process for good

	// CPU is the processor time, user and system, of the process and of the
	// children that it has waited for, in steps of a tick. A child's time
	// moves to its parent when it is waited for, so that a sum over a tree
	// loses nothing of those that have ended.
	CPU time.Duration
}

// tick is the unit of times in /proc, the same on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// Dead is true for a process that has ended and only waits to be reaped.
func (s Stat) Dead() bool { return s.State == 'Z' || s.State == 'X' }

// Stopped is true for a process that was stopped by a signal or a tracer.
func (s Stat) Stopped() bool { return s.State == 'T' || s.State == 't' }

// Read returns the state of one process; the error wraps fs.ErrNotExist
// when there is none.
func Read(pid int) (Stat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return Stat{}, fmt.Errorf("read process %d: %w", pid, err)
	}
	return parse(string(text))
}

// parse reads one line of /proc/PID/stat. The command name stands in
// parentheses and may itself hold spaces and parentheses, so fields are
// counted from the last one.
func parse(text string) (Stat, error) {
	head, _, found := strings.Cut(text, " (")
	end := strings.LastIndex(text, ") ")
	if !found || end < 0 {
		return Stat{}, fmt.Errorf("parse process state %q: no command name", text)
	}
	fields := strings.Fields(text[end+2:])
	if len(fields) < 20 {
		return Stat{}, fmt.Errorf("parse process state %q: %d fields after the name, want 20", text, len(fields))
	}
	s := Stat{State: fields[0][0]}
	var err error
	for _, f := range []struct {
		text string
		to   *int
	}{{head, &s.PID}, {fields[1], &s.PPID}, {fields[2], &s.Group}, {fields[3], &s.Session}} {
		if *f.to, err = strconv.Atoi(f.text); err != nil {
			return Stat{}, fmt.Errorf("parse process state %q: %w", text, err)
		}
	}
	if s.Start, err = strconv.ParseUint(fields[19], 10, 64); err != nil {
		return Stat{}, fmt.Errorf("parse process state %q: start time: %w", text, err)
	}
	for _, field := range fields[11:15] { // utime, stime, cutime, cstime
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return Stat{}, fmt.Errorf("parse process state %q: processor time: %w", text, err)
		}
		s.CPU += time.Duration(ticks) * tick
	}
	return s, nil
}

// All lists every process that can be seen.
func All() ([]Stat, error) {
	folder, err := os.Open("/proc")
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	defer folder.Close()
	names, err := folder.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var all []Stat
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if s, err := Read(pid); err == nil {
			all = append(all, s)
		}
	}
	return all, nil
}

// Descendants returns the processes below root, root itself left out.
func Descendants(all []Stat, root int) []Stat {
	children := map[int][]Stat{}
	for _, s := range all {
		children[s.PPID] = append(children[s.PPID], s)
	}
	var found []Stat
	for next := []int{root}; len(next) > 0; next = next[1:] {
		for _, c := range children[next[0]] {
			found = append(found, c)
			next = append(next, c.PID)
		}
	}
	return found
}

// Env returns one variable of the environment that a process was started
// with. It needs the same user or root; "" and false also when the process
// is gone.
func Env(pid int, key string) (string, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil {
		return "", false
	}
	for entry := range bytes.SplitSeq(text, []byte{0}) {
		if name, value, ok := strings.Cut(string(entry), "="); ok && name == key {
			return value, true
		}
	}
	return "", false
}

// BootID names this boot of the machine: start times compare within one
// boot only.
func BootID() (string, error) {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("read boot id: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}
