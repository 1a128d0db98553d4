package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/world"
)

// fails runs make up, which must fail with a last sentence that holds all of
// want, and leave nothing that runs.
func (s *stack) fails(want []string, vars ...string) {
	s.t.Helper()
	_, both, err := s.try("up", vars...)
	if err == nil {
		s.t.Fatalf("make up %s: got no error, and\n%s", strings.Join(vars, " "), both)
	}
	// The last line is make's own; the one before it is ours.
	lines := strings.Split(strings.TrimSpace(both), "\n")
	sentence := strings.ToLower(strings.Join(lines[max(0, len(lines)-2):], "\n"))
	for _, w := range want {
		if !strings.Contains(sentence, strings.ToLower(w)) {
			s.t.Errorf("make up %s: ends with %q, want %q in it", strings.Join(vars, " "), sentence, w)
		}
	}
	if left := s.processes(); len(left) > 0 {
		s.t.Errorf("make up %s has left processes:\n%s", strings.Join(vars, " "), describe(left))
	}
}

func TestUpFails(t *testing.T) {
	t.Parallel()
	t.Run("without PostgreSQL", func(t *testing.T) {
		t.Parallel()
		s := newStack(t)
		empty := t.TempDir()
		s.env = append(s.env, "LOCALCLOUD_POSTGRES="+empty)
		s.fails([]string{"PostgreSQL", empty})
	})
	t.Run("with a broken release", func(t *testing.T) {
		t.Parallel()
		s := newStack(t)
		release := filepath.Join(t.TempDir(), "orchard")
		shell, err := os.ReadFile("/bin/false")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(release, shell, 0o755); err != nil {
			t.Fatal(err)
		}
		s.fails([]string{"group app", "no instance came up", "user-data ended with exit code 1", "rolled back"}, "RELEASE="+release)
	})
	t.Run("with the listener's port taken", func(t *testing.T) {
		t.Parallel()
		// Every address of the port, so that it does not matter which world
		// the stack becomes.
		l, err := net.Listen("tcp4", "0.0.0.0:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		port := l.Addr().(*net.TCPAddr).Port
		s := newStack(t)
		s.fails([]string{"listener", fmt.Sprintf(":%d", port), "is taken", "choose another port"}, fmt.Sprintf("CONFIG=listenerPort=%d", port))
	})
	t.Run("with a state folder that cannot be used", func(t *testing.T) {
		t.Parallel()
		s := newStack(t)
		folder := filepath.Join(string(s.state), "w", "dev")
		if err := os.MkdirAll(folder, 0o711); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, world.StateFile)
		if err := os.WriteFile(path, []byte(`{"version": 99}`), 0o600); err != nil {
			t.Fatal(err)
		}
		s.fails([]string{path, "version 99", "localcloud reset"})
		s.make("reset")
		if s.state.Exists() {
			t.Errorf("after make reset the state folder %s is still there", s.state)
		}
	})
	t.Run("with a topology that there is not", func(t *testing.T) {
		t.Parallel()
		s := newStack(t)
		s.fails([]string{"topology", "reginal", "regional", "zonal"}, "TOPOLOGY=reginal")
	})
}

// TestKilledWhileCreating kills the daemon after it has written a Create down
// and before it has answered it: the group's Create waits for its instances.
func TestKilledWhileCreating(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	ended := make(chan string, 1)
	go func() {
		_, both, _ := s.try("up")
		ended <- both
	}()
	s.eventually("instances of a group whose Create is not answered", 2*time.Minute, func() (bool, string) {
		report, err := s.state.Status(t.Context())
		if err != nil || len(report.Worlds) == 0 {
			return false, fmt.Sprint(err)
		}
		if len(report.Worlds[0].Instances) == 3 && report.Worlds[0].Groups[0].Healthy == 0 {
			kill(t, report.PID)
			return true, ""
		}
		return false, fmt.Sprintf("%+v", report.Worlds[0].Groups)
	})
	if both := <-ended; lastLine.MatchString(both) {
		t.Fatalf("make up succeeded although its daemon was killed:\n%s", both)
	}
	s.up()
	s.healthy(3)
	if groups := s.world().Groups; len(groups) != 1 {
		t.Errorf("groups: got %+v, want one", groups)
	}
	if databases := s.world().Databases; len(databases) != 1 {
		t.Errorf("databases: got %+v, want one", databases)
	}
	if status, _, body := s.ask("GET", "/api/v1/fruit/", ""); status != 200 {
		t.Errorf("GET: got %d %s, want 200", status, body)
	}
	s.make("down")
	if left := s.processes(); len(left) > 0 {
		t.Errorf("processes after make down:\n%s", describe(left))
	}
}
