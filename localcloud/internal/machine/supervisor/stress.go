package supervisor

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Verbs by which the machine's operator asks init for load on the processor.
// They name no units.
const (
	StressVerb   = "stress"
	UnstressVerb = "unstress"
)

// operations are what the operator may ask for, and the instance may not.
var operations = map[string]func(*Manager, Request) Response{
	StressVerb:   (*Manager).stressed,
	UnstressVerb: (*Manager).unstressed,
}

// stressLimit bounds a stress, which must end even where nobody ends it.
const stressLimit = time.Hour

// stress is the one process that makes load, if there is one.
type stress struct {
	mu      sync.Mutex
	process *process
}

// stressed starts the load in place of the one before. It is a process of the
// instance like any other, and ends by itself.
func (m *Manager) stressed(r Request) Response {
	if err := checkStress(r.Cores, r.For, runtime.NumCPU()); err != nil {
		return Response{Code: exitFailed, Stderr: err.Error()}
	}
	m.stress.mu.Lock()
	defer m.stress.mu.Unlock()
	m.endStress()
	args := []string{m.self, Burner, strconv.FormatFloat(r.Cores, 'f', -1, 64), r.For.String()}
	p, err := m.exec("stress", m.self, args, os.Environ(), m.layout.Root(), nil)
	if err != nil {
		return Response{Code: exitFailed, Stderr: err.Error()}
	}
	m.stress.process = p
	m.console.line("init", fmt.Sprintf("stress of %g cores for %s", r.Cores, r.For))
	return Response{}
}

func (m *Manager) unstressed(Request) Response {
	m.stress.mu.Lock()
	defer m.stress.mu.Unlock()
	m.endStress()
	return Response{}
}

// endStress ends the load. Callers hold its lock.
func (m *Manager) endStress() {
	if p := m.stress.process; p != nil {
		m.reaper.kill(p, syscall.SIGKILL)
		<-p.done
		m.stress.process = nil
	}
}

func checkStress(cores float64, lasting time.Duration, have int) error {
	if !(cores > 0 && cores <= float64(have)) {
		return fmt.Errorf("stress: %g cores are not above 0 and at most the machine's %d", cores, have)
	}
	if lasting <= 0 || lasting > stressLimit {
		return fmt.Errorf("stress: a time of %s is not above 0 and at most %s", lasting, stressLimit)
	}
	return nil
}

// Burner is the word by which the supervisor runs its program again as load.
const Burner = "stress"

// burnPeriod is how often a core that is used in part begins to work. Short
// against what any sampling sees, long against the system's own time slice.
const burnPeriod = 20 * time.Millisecond

// Burn keeps as many cores busy as the first argument says, which may be a
// fraction, for the time that the second says.
func Burn(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("stress: got %d arguments, want cores and time", len(args))
	}
	cores, err := strconv.ParseFloat(args[0], 64)
	if err != nil {
		return fmt.Errorf("stress: read cores: %w", err)
	}
	lasting, err := time.ParseDuration(args[1])
	if err != nil {
		return fmt.Errorf("stress: read time: %w", err)
	}
	if err := checkStress(cores, lasting, runtime.NumCPU()); err != nil {
		return err
	}
	end := time.Now().Add(lasting)
	runtime.GOMAXPROCS(int(math.Ceil(cores)))
	var workers sync.WaitGroup
	for ; cores > 0; cores-- {
		share := min(cores, 1)
		workers.Go(func() { burn(share, end) })
	}
	workers.Wait()
	return nil
}

// burn works for a share of each period.
func burn(share float64, end time.Time) {
	work := time.Duration(share * float64(burnPeriod))
	for start := time.Now(); start.Before(end); start = time.Now() {
		for time.Since(start) < work {
		}
		if share < 1 {
			time.Sleep(burnPeriod - work)
		}
	}
}
