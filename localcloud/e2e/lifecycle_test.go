package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/world"
)

// TestStack is one life of the stack, on each cloud. Its parts build on each
// other, as they do for a person.
func TestStack(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	before := tree(t, root)
	t.Run("clouds", func(t *testing.T) {
		for _, cloud := range []string{"aws", "azure"} {
			t.Run(cloud, func(t *testing.T) {
				t.Parallel()
				live(t, newStack(t, "CLOUD="+cloud))
			})
		}
	})
	if after := tree(t, root); after != before {
		t.Errorf("the working tree after all targets: got\n%s\nwant\n%s", after, before)
	}
}

func live(t *testing.T, s *stack) {
	t.Helper()
	s.up()
	steps := []struct {
		name string
		run  func(*testing.T, *stack)
	}{
		{"serves fruit from three zones", servesFruit},
		{"up again changes nothing", upAgain},
		{"outputs are JSON and nothing else", outputsAreJSON},
		{"a killed instance is replaced", instanceKilled},
		{"a killed daemon comes back to the same world", daemonKilled},
		{"a new release comes to every instance", newRelease},
		{"down leaves nothing", downLeavesNothing},
	}
	for _, step := range steps {
		if !t.Run(step.name, func(t *testing.T) { step.run(t, s.in(t)) }) {
			t.Fatalf("the steps after %q build on it", step.name)
		}
	}
}

// in is the same stack for a part of the test.
func (s *stack) in(t *testing.T) *stack {
	part := *s
	part.t = t
	return &part
}

// tree is what git says of the working tree.
func tree(t *testing.T, root string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", "-C", root, "status", "--porcelain", "--untracked-files=all").Output()
	if err != nil {
		t.Fatalf("git status: %v", err)
	}
	return string(out)
}

func servesFruit(t *testing.T, s *stack) {
	const list = "/api/v1/fruit/"
	stranger := *s
	stranger.token = strings.Repeat("0", len(s.token))
	if status, _, body := stranger.ask(http.MethodPost, list, `{"name":"pear"}`); status != http.StatusUnauthorized {
		t.Errorf("POST %s with a wrong token: got %d %s, want 401", list, status, body)
	}
	status, header, body := s.ask(http.MethodPost, list, `{"name":"apple","price":"1.25","stock":10}`)
	if status != http.StatusCreated {
		t.Fatalf("POST %s: got %d %s, want 201", list, status, body)
	}
	entry := header.Get("Location")
	if _, _, body := s.ask(http.MethodGet, entry, ""); !strings.Contains(body, `"price": "1.25"`) {
		t.Errorf("GET %s: got %s, want the price 1.25", entry, body)
	}
	if status, _, body := s.ask(http.MethodPut, entry, `{"name":"apple","price":"2.50","stock":3}`); status != http.StatusNoContent {
		t.Errorf("PUT %s: got %d %s, want 204", entry, status, body)
	}
	if _, _, body := s.ask(http.MethodGet, list, ""); !strings.Contains(body, `"price": "2.50"`) || !strings.Contains(body, `"total_count": 1`) {
		t.Errorf("GET %s: got %s, want one fruit at 2.50", list, body)
	}
	// A hash of the connection chooses the instance on Azure: that 60 of them
	// miss one of three happens once in ten thousand million times.
	zones, instances := map[string]bool{}, map[string]bool{}
	for range 60 {
		_, header, _ := s.ask(http.MethodGet, list, "")
		zones[header.Get("X-Orchard-Zone")] = true
		instances[header.Get("X-Orchard-Instance")] = true
	}
	if len(zones) != 3 || len(instances) != 3 {
		t.Errorf("60 requests were answered from zones %v by instances %v, want three of each",
			slices.Sorted(maps.Keys(zones)), slices.Sorted(maps.Keys(instances)))
	}
	standbyInSync(t, s)
}

func standbyInSync(t *testing.T, s *stack) {
	t.Helper()
	databases := s.world().Databases
	if len(databases) != 1 || len(databases[0].Servers) != 2 {
		t.Fatalf("databases: got %+v, want one with two servers", databases)
	}
	primary, standby := databases[0].Servers[0], databases[0].Servers[1]
	if primary.Role != "primary" || standby.Sync != "sync" || primary.Zone == standby.Zone {
		t.Errorf("database servers: got %+v, want a primary and a synchronous standby in another zone", databases[0].Servers)
	}
}

func (s *stack) world() world.Status {
	s.t.Helper()
	report := s.status()
	if len(report.Worlds) != 1 {
		s.t.Fatalf("worlds: got %d, want 1", len(report.Worlds))
	}
	return report.Worlds[0]
}

var onlyUnchanged = regexp.MustCompile(`Resources:\n\s+\d+ unchanged\n`)

func upAgain(t *testing.T, s *stack) {
	before := s.lasting()
	if out := s.up(); !onlyUnchanged.MatchString(out) {
		t.Errorf("make up again: want unchanged resources only, got:\n%s", out)
	}
	sameProcesses(t, before, s.lasting())
}

// sameProcesses checks that what ran before runs still.
func sameProcesses(t *testing.T, before, after map[int]string) {
	t.Helper()
	for pid, started := range before {
		if after[pid] != started {
			t.Errorf("process %d (start %s) is not there any more", pid, started)
		}
	}
}

func outputsAreJSON(t *testing.T, s *stack) {
	out := s.outputs()
	if got := strings.TrimSuffix(fmt.Sprint(out["url"]), "/"); got != s.url {
		t.Errorf("url in the outputs: got %s, want %s", got, s.url)
	}
	for _, key := range []string{"schemaVersion", "cloud", "region", "topology", "zones", "scalingGroups", "loadBalancer", "targetGroup", "database", "release", "network"} {
		if _, ok := out[key]; !ok {
			t.Errorf("outputs: %s is missing", key)
		}
	}
}

// healthy waits until so many instances are healthy and no others are there.
func (s *stack) healthy(want int) {
	s.t.Helper()
	s.eventually(fmt.Sprintf("%d healthy instances", want), time.Minute, func() (bool, string) {
		instances := s.world().Instances
		count := 0
		for _, i := range instances {
			if i.Health == "healthy" {
				count++
			}
		}
		return count == want && len(instances) == want, fmt.Sprintf("%+v", instances)
	})
}

func instanceKilled(t *testing.T, s *stack) {
	s.healthy(3)
	instances := s.world().Instances
	victim := instances[0]
	database := s.servers()
	kill(t, s.processesOf(victim)...)
	killed := time.Now()
	// Two checks five seconds apart and a timeout, as declared: until then a
	// request may still meet the dead instance.
	for time.Since(killed) < 15*time.Second {
		status, header, _, err := s.tryAsk(http.MethodGet, "/api/v1/fruit/", "")
		if err == nil && status == http.StatusOK && header.Get("X-Orchard-Instance") != victim.ID && s.replaced(victim.ID) {
			break
		}
	}
	s.healthy(3)
	for _, i := range s.world().Instances {
		if i.ID == victim.ID {
			t.Errorf("instance %s is still there", victim.ID)
		}
	}
	for _, i := range instances[1:] {
		if !slices.ContainsFunc(s.world().Instances, func(now world.InstanceStatus) bool { return now.ID == i.ID && now.PID == i.PID }) {
			t.Errorf("instance %s (process %d) has been restarted too", i.ID, i.PID)
		}
	}
	if got := s.servers(); !slices.Equal(got, database) {
		t.Errorf("database servers after an instance was killed: got %+v, want %+v", got, database)
	}
}

// servers are the database's servers but for the lag, which always changes.
func (s *stack) servers() []world.ServerStatus {
	servers := s.world().Databases[0].Servers
	for i := range servers {
		servers[i].Lag = nil
	}
	return servers
}

func (s *stack) replaced(id string) bool {
	instances := s.world().Instances
	return len(instances) == 3 && !slices.ContainsFunc(instances, func(i world.InstanceStatus) bool { return i.ID == id })
}

// processesOf are the processes of an instance.
func (s *stack) processesOf(i world.InstanceStatus) []int {
	s.t.Helper()
	var pids []int
	for pid := range s.processes() {
		environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if err == nil && strings.Contains(string(environ), "="+i.ID+"\x00") {
			pids = append(pids, pid)
		}
	}
	if len(pids) < 2 {
		s.t.Fatalf("instance %s has the processes %v, want its init and the service at least", i.ID, pids)
	}
	return pids
}

// lasting are the processes that outlive a daemon: inits, services and
// postmasters. (Postmasters start and end others all the time.)
func (s *stack) lasting() map[int]string {
	s.t.Helper()
	lasting := map[int]string{}
	report := s.status()
	for _, w := range report.Worlds {
		for _, i := range w.Instances {
			for _, pid := range s.processesOf(i) {
				lasting[pid] = startTime(pid)
			}
		}
		for _, d := range w.Databases {
			for _, server := range d.Servers {
				lasting[server.PID] = startTime(server.PID)
			}
		}
	}
	return lasting
}

func daemonKilled(t *testing.T, s *stack) {
	_, _, before := s.ask(http.MethodGet, "/api/v1/fruit/", "")
	running := s.lasting()
	daemon := s.status().PID
	kill(t, daemon)
	s.eventually("the daemon's end", time.Minute, func() (bool, string) {
		return startTime(daemon) == "" || zombie(daemon), fmt.Sprint(daemon)
	})
	if out := s.up(); !onlyUnchanged.MatchString(out) {
		t.Errorf("make up after the daemon was killed: want unchanged resources only, got:\n%s", out)
	}
	if got := s.status().PID; got == daemon {
		t.Errorf("the daemon is still process %d", got)
	}
	sameProcesses(t, running, s.lasting())
	if got, want := len(s.lasting()), len(running); got != want {
		t.Errorf("processes of instances and databases: got %d, want %d", got, want)
	}
	if _, _, after := s.ask(http.MethodGet, "/api/v1/fruit/", ""); after != before {
		t.Errorf("fruit after the daemon was killed: got %s, want %s", after, before)
	}
	s.healthy(3)
}

func zombie(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(text), ") Z ")
}

func newRelease(t *testing.T, s *stack) {
	// A static binary runs with something after its end, under another digest.
	binary, err := os.ReadFile(filepath.Join(s.root, "bin/orchard"))
	if err != nil {
		t.Fatal(err)
	}
	release := filepath.Join(t.TempDir(), "orchard")
	if err := os.WriteFile(release, append(binary, "another release"...), 0o755); err != nil {
		t.Fatal(err)
	}
	before := s.release()
	s.up("RELEASE=" + release)
	s.eventually("the template's next version", time.Minute, func() (bool, string) {
		return s.world().Groups[0].TemplateVersion == 2, fmt.Sprintf("%+v", s.world().Groups)
	})
	kill(t, s.world().Instances[0].PID) // in the middle of the roll-out
	s.eventually("three instances of the new release", 2*time.Minute, func() (bool, string) {
		w := s.world()
		for _, i := range w.Instances {
			if i.TemplateVersion != 2 || i.Health != "healthy" {
				return false, fmt.Sprintf("%+v", w)
			}
		}
		r := w.Groups[0].Rollout
		return len(w.Instances) == 3 && r != nil && r.Status == "done", fmt.Sprintf("%+v", w)
	})
	if got := s.release(); got == before {
		t.Errorf("release after all instances were replaced: got %s still", got)
	}
	if status, _, body := s.ask(http.MethodGet, "/api/v1/fruit/1/", ""); status != http.StatusOK {
		t.Errorf("GET of the first fruit after all instances were replaced: got %d %s", status, body)
	}
}

func (s *stack) release() string {
	s.t.Helper()
	_, _, body := s.ask(http.MethodGet, "/version", "")
	var version struct{ Release string }
	if err := json.Unmarshal([]byte(body), &version); err != nil || version.Release == "" {
		s.t.Fatalf("GET /version: %q (%v)", body, err)
	}
	return version.Release
}

func downLeavesNothing(t *testing.T, s *stack) {
	number := s.world().Number
	s.make("down")
	if left := s.processes(); len(left) > 0 {
		t.Errorf("processes after make down:\n%s", describe(left))
	}
	if s.state.Exists() {
		t.Errorf("the state folder %s is still there", s.state)
	}
	if open := listening(t, number); len(open) > 0 {
		t.Errorf("ports of the world after make down: %v", open)
	}
	if out, both, err := s.try("down"); err != nil || !strings.Contains(out, "nothing is up") {
		t.Errorf("make down again: got %v and\n%s\nwant that nothing is up", err, both)
	}
}

// listening are the sockets that listen on an address of a world.
func listening(t *testing.T, number int) []string {
	t.Helper()
	text, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	var open []string
	world := fmt.Sprintf("%02X7F", number) // 127.W, in the kernel's order of bytes
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) > 3 && fields[3] == "0A" && strings.HasSuffix(strings.Split(fields[1], ":")[0], world) {
			open = append(open, fields[1])
		}
	}
	return open
}
