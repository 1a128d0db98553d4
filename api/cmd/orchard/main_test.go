package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orchard/api/internal/pgtest"
)

// binary is the program, built once as it is released.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "orchard-bin-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "orchard")
		build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", binary, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
			return 1
		}
		return pgtest.Main(m)
	}())
}

// process is a running command of the program, such as `orchard serve`, and the log lines that it wrote.
type process struct {
	t     testing.TB
	cmd   *exec.Cmd
	lines chan map[string]any
	url   string
	ended chan struct{}
	err   error
}

// migrated makes a database, migrates it with the real program, and returns
// the environment for `orchard serve`.
func migrated(t testing.TB) []string {
	t.Helper()
	url, name := pgtest.Database(t)
	migrate := exec.Command(binary, "migrate")
	migrate.Env = []string{"ORCHARD_DATABASE_URL=" + url, "ORCHARD_APP_ROLE=app_" + name}
	if out, err := migrate.CombinedOutput(); err != nil {
		t.Fatalf("orchard migrate: %v\n%s", err, out)
	}
	return []string{
		"ORCHARD_DATABASE_URL=" + pgtest.URLAs("app_"+name, name), "ORCHARD_LISTEN=127.0.0.1:0",
		"ORCHARD_INSTANCE=i-1", "ORCHARD_ZONE=z-a",
	}
}

// serve starts the program; wrapper, where given, is a command that execs it.
func serve(t testing.TB, env []string, files []*os.File, wrapper ...string) *process {
	t.Helper()
	p := start(t, env, files, append(wrapper, binary, "serve")...)
	p.url = "http://" + p.await("listening")["address"].(string)
	return p
}

// start starts a command until the test ends.
func start(t testing.TB, env []string, files []*os.File, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(args[0], args[1:]...), lines: make(chan map[string]any, 1000), ended: make(chan struct{})}
	p.cmd.Env, p.cmd.ExtraFiles = env, files
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for s := bufio.NewScanner(stderr); s.Scan(); {
			var line map[string]any
			if json.Unmarshal(s.Bytes(), &line) != nil {
				line = map[string]any{"msg": s.Text()}
			}
			if line["msg"] != "request" {
				p.lines <- line
			}
		}
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
	})
	return p
}

// await waits for a log line with this message.
func (p *process) await(message string) map[string]any {
	p.t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case line := <-p.lines:
			if line["msg"] == message {
				return line
			}
			if line["level"] == nil || line["level"] == "ERROR" {
				p.t.Logf("log: %v", line)
			}
		case <-p.ended:
			if len(p.lines) == 0 {
				p.t.Fatalf("the program ended (%v) before it said %q", p.err, message)
			}
		case <-timeout:
			p.t.Fatalf("no log line %q", message)
		}
	}
}

// exit waits for the program's end and returns its error.
func (p *process) exit() error {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		p.t.Fatal("the program does not end")
	}
	for p.err != nil && len(p.lines) > 0 {
		if line := <-p.lines; line["level"] != "INFO" {
			p.t.Logf("log: %v", line)
		}
	}
	return p.err
}

func TestVersionIsTheFilesDigest(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(binary, "version").Output()
	if err != nil {
		t.Fatal(err)
	}
	sum, err := exec.Command("sha256sum", binary).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Release, Go string }
	if err := json.Unmarshal(out, &got); err != nil || got.Release != string(sum[:64]) || !strings.HasPrefix(got.Go, "go1.") {
		t.Errorf("orchard version: got %s (%v), want release %s", out, err, sum[:64])
	}
	p := serve(t, migrated(t), nil)
	resp, err := http.Get(p.url + "/version")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var served bytes.Buffer
	_, _ = served.ReadFrom(resp.Body)
	if served.String() != string(bytes.TrimSpace(out)) {
		t.Errorf("/version: got %s, want %s", served.String(), out)
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		env  string
		want string
		ok   bool
	}{
		{[]string{"--help"}, "", "usage: orchard", true},
		{nil, "", "one command is needed", false},
		{[]string{"sreve"}, "", `"sreve" is not a command`, false},
		{[]string{"serve"}, "ORCHARD_PORT=1", "ORCHARD_PORT is not a setting", false},
		{[]string{"migrate"}, "", "ORCHARD_DATABASE_URL is not set", false},
		{[]string{"events"}, "", "ORCHARD_ADMIN_SOCKET is", false},
	} {
		cmd := exec.Command(binary, c.args...)
		cmd.Env = []string{c.env}
		out, err := cmd.CombinedOutput()
		if (err == nil) != c.ok || !strings.Contains(string(out), c.want) {
			t.Errorf("orchard %v with %q: got %v, %s; want ok %t and %q", c.args, c.env, err, out, c.ok, c.want)
		}
	}
}
