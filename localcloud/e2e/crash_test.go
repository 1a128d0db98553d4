package e2e

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/world"
)

var seed = flag.Uint64("seed", uint64(time.Now().UnixNano()), "of the moments at which the daemon is killed")

// TestDaemonKilled kills the daemon at random moments of an up, a roll-out and a
// failover. The next one must come back to the world that was promised:
// everything that the engine was told is there once, and what ran goes on.
func TestDaemonKilled(t *testing.T) {
	t.Parallel()
	t.Logf("seed %d (repeat with -seed)", *seed)
	kills := 5
	if *long {
		kills = 50
	}
	random := rand.New(rand.NewPCG(*seed, 0))
	s := newStack(t, "TIMESCALE=60")
	for n := range kills {
		// The longest moments lie a little after the end of each.
		switch n % 3 {
		case 0:
			s.killDuringUp(t, within(random, 10*time.Second))
		case 1:
			s.killDuringRollOut(t, n, within(random, 25*time.Second))
		case 2:
			s.killDuringFailover(t, within(random, 6*time.Second))
		}
	}
}

func within(random *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(random.Int64N(int64(most)))
}

// killDuringUp makes the stack anew, and kills the daemon meanwhile. A second
// up ends well, whatever became of the first.
func (s *stack) killDuringUp(t *testing.T, after time.Duration) {
	t.Helper()
	t.Logf("kill %s into an up", after)
	s.make("down")
	ended := make(chan string, 1)
	go func() {
		_, both, _ := s.try("up") // it may have been broken off
		ended <- both
	}()
	s.eventually("the daemon's first answer", time.Minute, func() (bool, string) {
		_, err := s.state.Status(t.Context())
		return err == nil, fmt.Sprint(err)
	})
	s.wait(after)
	kill(t, s.status().PID)
	t.Logf("the first up ended with: %s", lastOf(<-ended))
	s.up()
	s.promised(t)
}

func lastOf(text string) string { return text[max(0, len(text)-200):] }

// killDuringRollOut rolls a release out and kills the daemon meanwhile.
func (s *stack) killDuringRollOut(t *testing.T, n int, after time.Duration) {
	t.Helper()
	t.Logf("kill %s into a roll-out", after)
	binary, err := os.ReadFile(filepath.Join(s.root, "bin/orchard"))
	if err != nil {
		t.Fatal(err)
	}
	release := filepath.Join(t.TempDir(), "orchard")
	if err := os.WriteFile(release, append(binary, fmt.Sprintf("release %d", n)...), 0o755); err != nil {
		t.Fatal(err)
	}
	s.up("RELEASE=" + release)
	s.wait(after)
	s.killAndStart(t)
	s.eventually("the end of the roll-out", 3*time.Minute, func() (bool, string) {
		r := s.world().Groups[0].Rollout
		return r != nil && r.Status == "done", fmt.Sprintf("%+v", r)
	})
	s.promised(t)
	s.up("RELEASE=" + release) // the ups to come must not find another
}

// killDuringFailover ends the primary and kills the daemon meanwhile.
func (s *stack) killDuringFailover(t *testing.T, after time.Duration) {
	t.Helper()
	t.Logf("kill %s into a failover", after)
	for _, server := range s.world().Databases[0].Servers {
		if server.Role == "primary" {
			kill(t, server.PID)
		}
	}
	s.wait(after)
	s.killAndStart(t)
	s.promised(t)
}

func (s *stack) wait(long time.Duration) {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.t.Context().Done():
	}
}

// killAndStart ends the daemon and starts the next. The instances that were in
// service keep their processes, unless they were about to be replaced.
func (s *stack) killAndStart(t *testing.T) {
	t.Helper()
	before := s.world().Instances
	kill(t, s.status().PID)
	if out, err := s.command(t.Context(), filepath.Join(s.root, "bin/localcloud"), "start", "--time-scale", "60").CombinedOutput(); err != nil {
		t.Fatalf("localcloud start: %v\n%s", err, out)
	}
	after := map[string]int{}
	for _, i := range s.world().Instances {
		after[i.ID] = i.PID
	}
	for _, i := range before {
		if i.State == string(world.InService) && after[i.ID] != i.PID && after[i.ID] != 0 {
			t.Errorf("instance %s was process %d and is %d after the daemon was killed", i.ID, i.PID, after[i.ID])
		}
	}
}

// promised checks that the world is what the engine was told: the same
// resources, each once, and the instances and servers that they declare.
func (s *stack) promised(t *testing.T) {
	t.Helper()
	s.eventually("a whole stack", 2*time.Minute, func() (bool, string) {
		w := s.world()
		g := w.Groups[0]
		whole := g.Healthy == 3 && len(w.Instances) == 3 && len(w.Databases) == 1 && len(w.Databases[0].Servers) == 2
		for _, server := range w.Databases[0].Servers {
			whole = whole && (server.Role != "standby" || server.Sync == "sync")
		}
		return whole, fmt.Sprintf("%+v", w)
	})
	told, have := s.engineIDs(t), s.worldIDs(t)
	if !slices.Equal(told, have) {
		t.Errorf("resources: the engine knows %d and the world %d:\n%v\n%v", len(told), len(have), told, have)
	}
	s.sameInits(t)
}

// sameInits checks that there is no init process but those of the instances.
func (s *stack) sameInits(t *testing.T) {
	t.Helper()
	inits := map[int]bool{}
	for _, i := range s.world().Instances {
		inits[i.PID] = true
	}
	for pid := range s.processes() {
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if err == nil && strings.HasPrefix(string(line), "localcloud\x00init\x00") && !inits[pid] {
			t.Errorf("process %d is the init of no instance: %q", pid, line)
		}
	}
}

// engineIDs are the ids in the engine's own state, in order.
func (s *stack) engineIDs(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(s.state.Pulumi("backend", ".pulumi", "stacks", "orchard", "dev.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Checkpoint struct {
			Latest struct {
				Resources []struct {
					ID, Type string
					Custom   bool
				}
			}
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, r := range file.Checkpoint.Latest.Resources {
		if r.Custom && !strings.HasPrefix(r.Type, "pulumi:providers:") {
			ids[r.Type+" "+r.ID] = true
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// worldIDs are the ids in the world's state, in order; one that is there twice
// is an error.
func (s *stack) worldIDs(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.state.Worlds(), "dev", world.StateFile))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Resources []world.Resource }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, r := range file.Resources {
		plain, _, _ := strings.Cut(r.ID, "#") // what keeps apart the types that share ids
		id := r.Type + " " + plain
		if ids[id] {
			t.Errorf("resource %s is there twice", id)
		}
		ids[id] = true
	}
	return slices.Sorted(maps.Keys(ids))
}
