package proc

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := parse("42 (a) b (c)) S 7 42 41 0 -1 4194560 1 0 0 0 100 20 3 1 20 0 1 0 123456 1000 1\n")
	want := Stat{PID: 42, PPID: 7, Group: 42, Session: 41, State: 'S', Start: 123456, CPU: 1240 * time.Millisecond}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, state (-want +got):\n%s", err, diff)
	}
	for _, text := range []string{"", "42", "42 (a) S 1", "x (a) S 7 42 41 0 -1 0 1 0 0 0 0 0 0 0 20 0 1 0 5"} {
		if got, err := parse(text); err == nil {
			t.Errorf("parse %q: got %+v, want an error", text, got)
		}
	}
}

func TestDescendantsAndEnvironment(t *testing.T) {
	t.Parallel()
	child := exec.Command("/bin/sh", "-c", "sleep 1000 & echo started; wait")
	child.Env = []string{"PATH=/bin:/usr/bin", "SHAPE=round=ish"}
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := output.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	below := Descendants(all, os.Getpid())
	var names []string
	for _, s := range below {
		value, _ := Env(s.PID, "SHAPE")
		names = append(names, value)
	}
	if got := strings.Join(names, " "); got != "round=ish round=ish" {
		t.Errorf("descendants' variable: got %q, want it twice", got)
	}
	for _, s := range below {
		if p, err := os.FindProcess(s.PID); err == nil {
			_ = p.Kill()
		}
	}
	_ = child.Wait() // killed
	if _, err := Read(child.Process.Pid); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("state of a process that has ended: got %v, want not existing", err)
	}
}
