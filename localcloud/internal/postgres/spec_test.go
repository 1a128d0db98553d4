package postgres

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestSpecProblems(t *testing.T) {
	t.Parallel()
	spec := Spec{
		Folder: "/" + strings.Repeat("x", 100), Zones: []string{"one", "one"}, Standby: true,
		MasterRole: "admin", Superuser: "admin", Database: "pg_own", MaxConnections: 3,
		Groups:   []GroupRole{{Name: ""}},
		Settings: map[string]string{"fsync": "off", "SSL_cert_file": "x", "a'b": "1", "work_mem": "1\nfsync = off"},
	}
	err := spec.check()
	if err == nil {
		t.Fatal("got no problem")
	}
	for _, want := range []string{
		"too long by", "second zone", "different roles", `"pg_own"`, "max_connections is 3", "group role 1",
		`"fsync" is the service's own`, `"SSL_cert_file" is the service's own`, `"a'b": not a name`, `"work_mem": the value`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to say %s", err, want)
		}
	}
}

// What a value holds stays in the value, whichever quotes it has.
func TestRender(t *testing.T) {
	t.Parallel()
	got := render(map[string]string{"application_name": `it's \'x' = y`})
	if want := `application_name = 'it\'s \\\'x\' = y'` + "\n"; !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Only the primary of a pair in sync waits for anyone.
func TestConfigNames(t *testing.T) {
	t.Parallel()
	state := State{Spec: Spec{Folder: "/x", MaxConnections: 20}, Primary: "b", Servers: []Server{{Name: "a"}, {Name: "b", MaxConnections: 40}}}
	for _, test := range []struct {
		synced bool
		server int
		want   string
	}{
		{true, 1, "synchronous_standby_names = 'a'"},
		{false, 1, "synchronous_standby_names = ''"},
		{true, 0, "synchronous_standby_names = ''"},
		{true, 0, "max_connections = '40'"},
		{true, 1, "max_connections = '20'"},
	} {
		state.Synced = test.synced
		if got := configOf(state, state.Servers[test.server]); !strings.Contains(got, test.want+"\n") {
			t.Errorf("synced %t, server %d: want %s in\n%s", test.synced, test.server, test.want, got)
		}
	}
}

func TestParseStat(t *testing.T) {
	t.Parallel()
	line := "4242 (a) b (c)) S 17 4242 4242 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2\n"
	got, err := parseStat([]byte(line))
	if want := (procStat{command: "a) b (c)", state: 'S', parent: 17, start: 987654}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for _, bad := range []string{"", "1 (x) S 1 2", "1 x S"} {
		if _, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q was understood", bad)
		}
	}
}

// A process id alone is no identity, and a zombie is dead.
func TestProcessIdentity(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("sleep", "600")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	process, err := processOf(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	other := process
	other.Start++
	if !process.Alive() || other.Alive() {
		t.Errorf("alive: got %t and, with another start time, %t, want true and false", process.Alive(), other.Alive())
	}
	if err := other.signal(unix.SIGKILL); err != nil || !process.Alive() {
		t.Errorf("a signal to another process hit this one (%v)", err)
	}
	if err := process.signal(unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := process.wait(t.Context()); err != nil { // nobody has reaped it
		t.Fatal(err)
	}
	if process.Alive() {
		t.Error("a zombie counts as alive")
	}
	if err := cmd.Wait(); err == nil {
		t.Error("a killed process ended well")
	}
	if err := (Process{PID: os.Getpid()}).wait(t.Context()); err != nil {
		t.Errorf("waiting for a process that never was: %v", err)
	}
}

func TestPostmasterFile(t *testing.T) {
	t.Parallel()
	const head = "4242\n/x/a/data\n1760000000\n5432\n/x/a/run\n\n"
	for text, want := range map[string]postmasterFile{
		head + "  17   23\nready   \n":                  {4242, "/x/a/data", 17, 23},
		head + "18446744073709551615 5\nready   \n":     {4242, "/x/a/data", 1<<64 - 1, 5},
		"4242\n/x/a/data\n1760000000\n5432\n/x/a/run\n": {4242, "/x/a/data", 0, -1},
	} {
		got, err := parsePostmasterFile(text)
		if err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, bad := range []string{"", "x\ny\n"} {
		if _, err := parsePostmasterFile(bad); err == nil {
			t.Errorf("%q was understood", bad)
		}
	}
}
