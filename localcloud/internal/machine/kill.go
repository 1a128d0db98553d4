package machine

import (
	"fmt"
	"os"
	"syscall"
	"time"

	"orchard/localcloud/internal/machine/proc"
	"orchard/localcloud/internal/machine/supervisor"
)

// killLimit bounds how long processes may take to go after SIGKILL; only
// one stuck in the kernel takes that long.
const killLimit = 10 * time.Second

// Kill ends every process of the instance at once, as a power cut does.
//
// Init is stopped first, so that it starts nothing anew, and killed last, so
// that orphans stay below it and are found. Processes that are left of an
// init that had died before are found by their environment.
func (h *Handle) Kill() error {
	living := true
	select {
	case <-h.done:
		living = false
	default:
	}
	if living {
		_ = syscall.Kill(h.Record.PID, syscall.SIGSTOP)
		err := killAll(func(all []proc.Stat) []proc.Stat { return proc.Descendants(all, h.Record.PID) })
		_ = syscall.Kill(h.Record.PID, syscall.SIGKILL)
		if err != nil {
			return fmt.Errorf("kill instance %s: %w", h.Record.ID, err)
		}
		select {
		case <-h.done:
		case <-time.After(killLimit):
			return fmt.Errorf("kill instance %s: init %d does not end", h.Record.ID, h.Record.PID)
		}
	}
	return Sweep(h.Record.ID)
}

// Sweep kills every process that carries the instance's id, or descends
// from one that does: what is left of an instance whose init has died.
func Sweep(id string) error {
	err := killAll(func(all []proc.Stat) []proc.Stat {
		var found []proc.Stat
		for _, s := range all {
			if s.PID == os.Getpid() {
				continue
			}
			if marker, _ := proc.Env(s.PID, supervisor.Marker); marker == id {
				found = append(append(found, s), proc.Descendants(all, s.PID)...)
			}
		}
		return found
	})
	if err != nil {
		return fmt.Errorf("sweep instance %s: %w", id, err)
	}
	return nil
}

// killAll kills what find returns until it returns only the dead.
func killAll(find func([]proc.Stat) []proc.Stat) error {
	deadline := time.Now().Add(killLimit)
	for {
		all, err := proc.All()
		if err != nil {
			return err
		}
		living := 0
		for _, s := range find(all) {
			if s.Dead() {
				continue
			}
			living++
			_ = syscall.Kill(s.PID, syscall.SIGKILL)
		}
		if living == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d processes do not end", living)
		}
		time.Sleep(2 * time.Millisecond)
	}
}
