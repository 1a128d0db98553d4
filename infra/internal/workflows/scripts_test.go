package workflows

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// place is a folder with the scripts in it and commands that a test writes.
type place struct {
	t    *testing.T
	root string
	env  []string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	if _, err := exec.LookPath("jq"); err != nil {
		t.Fatal("these tests need jq; `make shelltools` installs it or says how")
	}
	p := &place{t: t, root: t.TempDir()}
	p.env = append(os.Environ(), "PATH="+filepath.Join(p.root, "bin")+":"+os.Getenv("PATH"), "LOADRUNNER=loadrunner", "GITHUB_REPOSITORY=orchard/orchard", "MAKE=true")
	scripts, err := filepath.Glob("../../../scripts/*.sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		p.write("scripts/"+filepath.Base(script), string(text))
	}
	return p
}

// write makes a file that can be run.
func (p *place) write(name, text string) {
	p.t.Helper()
	path := filepath.Join(p.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		p.t.Fatal(err)
	}
}

// command scripts a command that the scripts call. What it is called with is
// added to the file calls.
func (p *place) command(name, script string) {
	p.t.Helper()
	p.write("bin/"+name, "#!/usr/bin/env bash\necho \"${0##*/} $*\" >>"+p.root+"/calls\n"+script)
}

func (p *place) read(name string) string {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.root, name))
	if err != nil && !os.IsNotExist(err) {
		p.t.Fatal(err)
	}
	return string(text)
}

// run gives what a command prints and how it exits.
func (p *place) run(args ...string) (stdout string, exit int) {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), args[0], args[1:]...)
	cmd.Dir, cmd.Env = p.root, p.env
	var out, both bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &both
	if err := cmd.Run(); cmd.ProcessState == nil {
		p.t.Fatal(err)
	}
	p.t.Logf("%s: exit %d\n%s%s", strings.Join(args, " "), cmd.ProcessState.ExitCode(), &out, &both)
	return out.String(), cmd.ProcessState.ExitCode()
}

func TestAwaitRefresh(t *testing.T) {
	t.Parallel()
	const (
		aws = `{"cloud": "aws", "region": "eu-central-1", "scalingGroups": [{"name": "one"}, {"name": "two"}]}`
		az  = `{"cloud": "azure", "region": "x", "network": {"id": "/subscriptions/s/resourceGroups/fruit/providers/n"}, "scalingGroups": [{"name": "one"}]}`
	)
	for name, c := range map[string]struct {
		outputs, command, script string
		exit                     int
		want                     string // the last line
	}{
		"each to its end":    {aws, "aws", `grep -c -- "$6" calls | sed 's/^1$/Pending/; s/^2$/InProgress/; s/^3$/Successful/'`, 0, "two: over Successful"},
		"no refresh":         {aws, "aws", "echo None", 0, "two: over without a refresh"},
		"failed":             {aws, "aws", "echo Failed", 1, "one: failed Failed"},
		"rolled back":        {aws, "aws", "echo RollbackSuccessful", 1, "one: failed RollbackSuccessful"},
		"too slow":           {aws, "aws", "echo InProgress", 1, "one: running InProgress"},
		"not allowed":        {aws, "aws", "exit 254", 254, ""},
		"azure":              {az, "az", `[[ "$*" == *"--resource-group fruit --name one"* ]] && echo Completed`, 0, "one: over Completed"},
		"azure, faulted":     {az, "az", "echo Faulted", 1, "one: failed Faulted"},
		"azure, none so far": {az, "az", "echo '(NotFound) no upgrade' >&2; exit 3", 0, "one: over without an upgrade"},
		"azure, not allowed": {az, "az", "echo '(AuthorizationFailed)' >&2; exit 1", 1, ""},
		"another cloud":      {`{"cloud": "other", "region": "x"}`, "aws", "exit 1", 2, ""},
		"not outputs":        {`{}`, "aws", "exit 1", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.env = append(p.env, "AWAIT_INTERVAL=0", "AWAIT_SECONDS=0")
			if name == "each to its end" {
				p.env = append(p.env, "AWAIT_SECONDS=60")
			}
			p.write("outputs.json", c.outputs)
			p.command(c.command, c.script)
			out, exit := p.run("scripts/await-refresh.sh", "outputs.json")
			lines := strings.Split(strings.TrimSpace(out), "\n")
			if last := lines[len(lines)-1]; exit != c.exit || last != c.want {
				t.Errorf("got exit %d and last line %q, want %d and %q", exit, last, c.exit, c.want)
			}
		})
	}
}

// TestCloudUp exits with what fails first, and goes no further.
func TestCloudUp(t *testing.T) {
	t.Parallel()
	const outputs = `{"cloud": "aws", "region": "eu-central-1", "scalingGroups": [{"name": "app"}]}`
	for name, c := range map[string]struct {
		pulumi, refresh, load string
		exit                  int
		runs                  bool // whether load is sent
	}{
		"all well":            {"0", "Successful", "0", 0, true},
		"update fails":        {"255", "Successful", "0", 255, false},
		"refresh fails":       {"0", "Failed", "0", 1, false},
		"an objective missed": {"0", "Successful", "1", 1, true},
		"a broken run":        {"0", "Successful", "2", 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.command("pulumi", `case "$*" in "up "*) exit `+c.pulumi+`;; "stack output"*) echo '`+outputs+`';; *writeToken) echo hunter2;; *) exit 255;; esac`)
			p.command("pulumi-language-go", "")
			p.command("aws", "echo "+c.refresh)
			p.command("loadrunner", `[ "$ORCHARD_WRITE_TOKEN" = hunter2 ] && exit `+c.load)
			out, exit := p.run("scripts/cloud-up.sh", "prod")
			if runs := strings.Contains(p.read("calls"), "loadrunner run --outputs out/load/prod.json"); exit != c.exit || runs != c.runs {
				t.Errorf("got exit %d, load sent %t, want %d, %t", exit, runs, c.exit, c.runs)
			}
			if strings.Contains(out+p.read("calls"), "hunter2") {
				t.Error("the write token is shown")
			}
		})
	}
}

// TestCloudRelease builds for the processors that the stack configures.
func TestCloudRelease(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pulumi, host string
		exit         int
		want         string
	}{
		"default":          {"exit 255", "pulumi-language-go", 0, "arm64"},
		"x86_64":           {"echo x86_64", "pulumi-language-go", 0, "amd64"},
		"arm64":            {"echo arm64", "pulumi-language-go", 0, "arm64"},
		"no language host": {"echo arm64", "another", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.env = append(p.env, "MAKE=build")
			p.command("pulumi", c.pulumi)
			p.command(c.host, "")
			p.command("build", `echo "built for $GOARCH" >>`+p.root+"/calls")
			out, exit := p.run("scripts/cloud-release.sh", "prod")
			if exit != c.exit || strings.Contains(p.read("calls"), "built for "+c.want) != (c.exit == 0) {
				t.Errorf("got exit %d and %s%s, want exit %d, built for %q", exit, out, p.read("calls"), c.exit, c.want)
			}
		})
	}
}
