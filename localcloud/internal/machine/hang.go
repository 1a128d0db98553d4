package machine

import (
	"fmt"
	"slices"
	"syscall"
	"time"

	"orchard/localcloud/internal/machine/proc"
)

// hangLimit bounds how long processes may take to stop; only those that fork
// without end take that long.
const hangLimit = 10 * time.Second

// Hang stops every process of the instance where it stands, as a kernel that
// hangs does. The kernel goes on for it: connections are still accepted by
// listening sockets, as far as their backlog goes, and nobody answers. Init
// is stopped first, so that it starts nothing anew. It returns when all stand
// still; an instance that hangs already stays so.
func (h *Handle) Hang() error {
	if err := h.stillThere(); err != nil {
		return fmt.Errorf("hang instance %s: %w", h.Record.ID, err)
	}
	if err := h.stopAll(); err != nil {
		return fmt.Errorf("hang instance %s: %w", h.Record.ID, err)
	}
	return nil
}

// Unhang lets every process of the instance go on, init last. A process that
// the instance itself had stopped goes on too.
func (h *Handle) Unhang() error {
	if err := h.stillThere(); err != nil {
		return fmt.Errorf("unhang instance %s: %w", h.Record.ID, err)
	}
	processes, err := h.processes()
	if err != nil {
		return fmt.Errorf("unhang instance %s: %w", h.Record.ID, err)
	}
	for _, p := range slices.Backward(processes) {
		_ = syscall.Kill(p.PID, syscall.SIGCONT) // gone already is as good
	}
	return nil
}

// Hung says whether the instance's init stands still.
func (h *Handle) Hung() bool {
	init, err := proc.Read(h.Record.PID)
	return err == nil && init.Start == h.Record.Start && init.Stopped()
}

func (h *Handle) stillThere() error {
	select {
	case <-h.done:
		return ErrGone
	default:
		return nil
	}
}

// processes lists init and the living below it, parents before their children.
func (h *Handle) processes() ([]proc.Stat, error) {
	all, err := proc.All()
	if err != nil {
		return nil, err
	}
	var found []proc.Stat
	for _, s := range all {
		if s.PID == h.Record.PID && s.Start == h.Record.Start {
			found = append(found, s)
		}
	}
	found = append(found, proc.Descendants(all, h.Record.PID)...)
	return slices.DeleteFunc(found, proc.Stat.Dead), nil
}

// stopAll stops processes until a look at all of them finds nothing new and
// nothing running.
func (h *Handle) stopAll() error {
	known := map[int]uint64{} // start times of those that were sent the signal
	for deadline := time.Now().Add(hangLimit); ; time.Sleep(time.Millisecond) {
		processes, err := h.processes()
		if err != nil {
			return err
		}
		unsettled := 0
		for _, p := range processes {
			if known[p.PID] != p.Start || !settled(p, processes) {
				unsettled++
				_ = syscall.Kill(p.PID, syscall.SIGSTOP)
			}
			known[p.PID] = p.Start
		}
		if unsettled == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d processes do not stop", unsettled)
		}
	}
}

// settled says whether a process that was sent SIGSTOP stands still. One that
// waits in the kernel for its child, stopped between vfork and exec, cannot
// take the signal before the child goes on.
func settled(p proc.Stat, all []proc.Stat) bool {
	return p.Stopped() || p.State == 'D' && slices.ContainsFunc(all, func(child proc.Stat) bool {
		return child.PPID == p.PID && child.Stopped()
	})
}
