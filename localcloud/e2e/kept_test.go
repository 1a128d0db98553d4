package e2e

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var long = flag.Bool("long", false, "run what takes long, too")

// watched is how long the daemon is looked at while nothing happens.
const watched = 30 * time.Second

// TestKept measures what it costs to keep instances that do nothing, at the
// cloud's own pace. The figures are in docs/performance.md.
func TestKept(t *testing.T) {
	t.Parallel()
	counts := []int{3, 30}
	if *long {
		counts = append(counts, 100)
	}
	s := newStack(t, "TIMESCALE=1", "CONFIG=maxSize=100 databaseMaxConnections=600")
	s.up()
	pid := s.status().PID
	for _, n := range counts {
		s.scaleTo(n)
		cores, memory := s.cost(pid)
		t.Logf("%d instances: the daemon uses %.1f %% of a core and %d MB", n, 100*cores, memory>>20)
		if cores > 0.2 {
			t.Errorf("%d instances: the daemon uses %.1f %% of a core while nothing happens, at most 20 %% may be", n, 100*cores)
		}
	}
}

func (s *stack) scaleTo(n int) {
	s.t.Helper()
	group := s.world().Groups[0].Name
	out, err := s.command(s.t.Context(), filepath.Join(s.root, "bin/localcloud"), "scale", group, strconv.Itoa(n)).CombinedOutput()
	if err != nil {
		s.t.Fatalf("localcloud scale %s %d: %v\n%s", group, n, err, out)
	}
	s.eventually(fmt.Sprintf("%d healthy instances", n), 5*time.Minute, func() (bool, string) {
		g := s.world().Groups[0]
		return g.Healthy == n && g.Desired == n, fmt.Sprintf("%+v", g)
	})
}

// cost is what a process uses of one core, and its memory in bytes.
func (s *stack) cost(pid int) (cores float64, memory int) {
	s.t.Helper()
	before := s.ticks(pid)
	timer := time.NewTimer(watched)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.t.Context().Done():
	}
	const perSecond = 100 // of a tick, on every Linux that Go runs on
	return float64(s.ticks(pid)-before) / perSecond / watched.Seconds(), s.resident(pid)
}

// ticks is the processor time that a process has used.
func (s *stack) ticks(pid int) int {
	s.t.Helper()
	fields := s.stat(pid)
	sum := 0
	for _, field := range fields[11:13] { // user and system
		n, err := strconv.Atoi(field)
		if err != nil {
			s.t.Fatal(err)
		}
		sum += n
	}
	return sum
}

func (s *stack) resident(pid int) int {
	s.t.Helper()
	pages, err := strconv.Atoi(s.stat(pid)[21])
	if err != nil {
		s.t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// stat are the fields of /proc/PID/stat from the state on.
func (s *stack) stat(pid int) []string {
	s.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		s.t.Fatalf("the daemon has ended: %v", err)
	}
	return strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
}
