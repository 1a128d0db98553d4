package supervisor

import (
	"os"
	"syscall"
	"time"

	"orchard/localcloud/internal/machine/proc"
)

// invocationVariable is systemd's own: a new value for each start of a unit.
const invocationVariable = "INVOCATION_ID"

// family lists the living processes of one start of a unit: those below
// init that carry its invocation id or belong to its main process's session.
func family(invocation string, session int) []proc.Stat {
	all, err := proc.All()
	if err != nil {
		return nil
	}
	var found []proc.Stat
	for _, s := range proc.Descendants(all, os.Getpid()) {
		if s.Dead() {
			continue
		}
		id, _ := proc.Env(s.PID, invocationVariable)
		if id == invocation || session > 0 && s.Session == session {
			found = append(found, s)
		}
	}
	return found
}

// signalAll sends a signal to processes; those gone meanwhile are passed over.
func signalAll(processes []proc.Stat, sig syscall.Signal) {
	for _, p := range processes {
		_ = syscall.Kill(p.PID, sig)
	}
}

// pollGone is how often a stop looks whether the processes are gone: those
// that are not direct children report to nobody.
const pollGone = 20 * time.Millisecond

// awaitGone waits until list is empty or the limit has passed (0: for ever).
func awaitGone(list func() []proc.Stat, limit time.Duration) bool {
	deadline := time.Now().Add(limit)
	tick := time.NewTicker(pollGone)
	defer tick.Stop()
	for len(list()) > 0 {
		if limit > 0 && time.Now().After(deadline) {
			return false
		}
		<-tick.C
	}
	return true
}

// killAll ends processes for good.
func killAll(list func() []proc.Stat) {
	awaitGone(func() []proc.Stat {
		left := list()
		signalAll(left, syscall.SIGKILL)
		return left
	}, 0)
}
