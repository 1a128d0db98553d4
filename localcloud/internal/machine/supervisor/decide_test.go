package supervisor

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"orchard/localcloud/internal/machine/unit"
)

// Wait statuses as the kernel encodes them.
func exited(code int) syscall.WaitStatus           { return syscall.WaitStatus(code << 8) }
func killed(sig syscall.Signal) syscall.WaitStatus { return syscall.WaitStatus(sig) }

func TestRestarts(t *testing.T) {
	t.Parallel()
	ends := map[string]syscall.WaitStatus{"0": exited(0), "1": exited(1), "TERM": killed(syscall.SIGTERM), "KILL": killed(syscall.SIGKILL)}
	for policy, want := range map[string]string{
		"no":          "",
		"always":      "0 1 KILL TERM",
		"on-success":  "0 TERM",
		"on-failure":  "1 KILL",
		"on-abnormal": "KILL",
		"on-abort":    "KILL",
	} {
		var got []string
		for name, status := range ends {
			if restarts(policy, judge(status), status) {
				got = append(got, name)
			}
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("Restart=%s restarts after %q, want %q", policy, got, want)
		}
	}
}

func TestStartLimit(t *testing.T) {
	t.Parallel()
	var starts []time.Time
	now, hit := time.Unix(0, 0), false
	for n := range 5 {
		if starts, hit = limited(starts, 10*time.Second, 5, now); hit {
			t.Fatalf("start %d within the limit of 5 was refused", n+1)
		}
		starts = append(starts, now)
		now = now.Add(time.Second)
	}
	if _, hit = limited(starts, 10*time.Second, 5, now); !hit {
		t.Error("the sixth start within 10 s was allowed")
	}
	if _, hit = limited(starts, 10*time.Second, 5, now.Add(5*time.Second)); hit {
		t.Error("a start was refused after the first of five had left the interval")
	}
	if _, hit = limited(starts, 0, 5, now); hit {
		t.Error("a start was refused without a limit")
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	service := func(name string, after, before []string) unit.Unit {
		return unit.Unit{Name: name, After: after, Before: before, Service: &unit.Service{}}
	}
	set := map[string]unit.Unit{
		"a.service": service("a.service", []string{"b.service", "network.target"}, nil),
		"b.service": service("b.service", nil, nil),
		"c.service": service("c.service", nil, []string{"b.service"}),
		"b.socket":  {Name: "b.socket", Socket: &unit.Socket{Service: "b.service"}},
	}
	order, err := sorted(set)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, u := range order {
		names = append(names, u.Name)
	}
	if got, want := strings.Join(names, " "), "b.socket c.service b.service a.service"; got != want {
		t.Errorf("order: got %s, want %s", got, want)
	}
	set["c.service"] = service("c.service", []string{"a.service"}, []string{"b.service"})
	if _, err := sorted(set); err == nil || !strings.Contains(err.Error(), "circle") {
		t.Errorf("circular order: got %v, want an error that says so", err)
	}
}

func TestConsoleIsBounded(t *testing.T) {
	t.Parallel()
	c, err := openConsole(t.TempDir() + "/console.log")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 * consoleLimit / maxLine {
		c.line("test", strings.Repeat("x", maxLine))
	}
	if c.size > consoleLimit {
		t.Errorf("console log has %d bytes, want at most %d", c.size, consoleLimit)
	}
	if got := len(c.last()); got != tailLines {
		t.Errorf("last lines: got %d, want %d", got, tailLines)
	}
}

func TestListenAddresses(t *testing.T) {
	t.Parallel()
	l := Layout{Address: "127.9.1.4", Dir: "/d", RunDir: "/r"}
	for value, ok := range map[string]bool{
		"8080": true, "0.0.0.0:8080": true, "[::]:8080": true, "127.0.0.1:8080": true, "127.9.1.4:80": true,
		"10.0.0.1:80": false, "127.9.1.5:80": false, "/run/a.sock": true, "/run/" + strings.Repeat("x", 108): false,
	} {
		if _, err := l.resolve(value); (err == nil) != ok {
			t.Errorf("ListenStream=%s: got %v, want accepted: %t", value, err, ok)
		}
	}
}
