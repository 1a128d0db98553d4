package machine

import (
	"fmt"
	"time"

	"orchard/localcloud/internal/machine/proc"
)

// Usages returns the processor time that each running instance has used since
// its start, by id: user and system, of all its processes, init among them. It
// looks at all processes of the machine once, whatever the number of
// instances. An instance whose init does not run is left out.
//
// Processes that have ended are counted in the parent that waited for them,
// at last in init. Two things make it inexact: a process that ends during the
// look may be missed by it or counted twice, which the next look corrects, and
// the time of children that their parent ignores (SIGCHLD set to be ignored)
// is lost when they end.
func Usages(records []Record) (map[string]time.Duration, error) {
	all, err := proc.All()
	if err != nil {
		return nil, fmt.Errorf("measure instances: %w", err)
	}
	return usages(all, records), nil
}

// usages adds each process's time to the instance whose init is above it.
func usages(all []proc.Stat, records []Record) map[string]time.Duration {
	byPID := make(map[int]proc.Stat, len(all))
	for _, s := range all {
		byPID[s.PID] = s
	}
	inits := make(map[int]string, len(records))
	sums := make(map[string]time.Duration, len(records))
	for _, r := range records {
		if s, ok := byPID[r.PID]; ok && s.Start == r.Start && !s.Dead() {
			inits[r.PID], sums[r.ID] = r.ID, 0
		}
	}
	for _, s := range all {
		for pid := s.PID; pid > 1; pid = byPID[pid].PPID {
			if id, ok := inits[pid]; ok {
				sums[id] += s.CPU
				break
			}
		}
	}
	return sums
}

// Percents turns two results of Usages into the use between them, in percent
// of one core: an instance that keeps two cores busy uses 200. (Chosen: what a
// declared instance type would have for 100 is the caller's to say.) An
// instance that is not in both is left out, and so is one whose sum went back:
// it was started anew in between, or lost to one of the things that Usages
// names. elapsed must be above 0.
func Percents(before, after map[string]time.Duration, elapsed time.Duration) map[string]float64 {
	percents := make(map[string]float64, len(after))
	for id, now := range after {
		if then, ok := before[id]; ok && now >= then && elapsed > 0 {
			percents[id] = 100 * float64(now-then) / float64(elapsed)
		}
	}
	return percents
}
