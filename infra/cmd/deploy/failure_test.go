package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
)

// TestFailures: a first creation that fails is taken back, an update that
// fails is left, and either says what the resource said.
func TestFailures(t *testing.T) {
	p, port := startProvider(t)
	b := newBench(t, port)
	p.onCreate = func(_ context.Context, u urn.URN) error {
		if u.Type() == "aws:lb/listener:Listener" {
			return errors.New("port 8080 is taken by process 7")
		}
		return nil
	}
	_, _, err := b.run("up")
	expectError(t, "first up", err, "up of stack dev failed at aws:lb/listener:Listener public: ", "port 8080 is taken by process 7", "rolled back, nothing is left")
	if n := p.count(); n != 0 {
		t.Errorf("after rolling back: got %d resources, want none", n)
	}
	_, _, err = b.run("outputs", "--cloud", "aws")
	expectError(t, "outputs of no stack", err, "stack dev is not there; take it up first")

	_, _, err = b.run("up", "--keep")
	expectError(t, "up --keep", err, "what was made is kept")
	kept := p.count()

	p.onCreate = nil
	if _, _, err = b.run("up"); err != nil || p.count() <= kept || kept == 0 {
		t.Errorf("up after up --keep: got %v with %d resources, then %d", err, kept, p.count())
	}

	p.onUpdate = func(u urn.URN) error {
		if u.Type() == "aws:ec2/launchTemplate:LaunchTemplate" {
			return errors.New("no capacity")
		}
		return nil
	}
	b.build("second")
	_, _, err = b.run("up")
	expectError(t, "update", err, "LaunchTemplate app: ", "no capacity", "the stack is left as it is")
}

// TestRefusals need no resource at all.
func TestRefusals(t *testing.T) {
	_, port := startProvider(t)
	b := newBench(t, port)
	_, _, err := b.run("down", "--stack", "../up")
	expectError(t, "a stack's name", err, `--stack "../up"`)
	_, _, err = b.run("up", "--config", "minSize")
	expectError(t, "a pair without =", err, "is not KEY=VALUE")
	_, _, err = b.run("preview", "--cloud", "gcp", "--config", "minsize=4")
	expectError(t, "wrong settings", err,
		`preview of stack dev failed: configuration of stack dev: orchard:cloud is "gcp"; it may be aws or azure; orchard:minsize is not a known key`)

	held, err := openFolder(&options{stack: "dev", project: b.project, work: b.work})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = b.run("down")
	expectError(t, "two at once", err, "stack dev is in use by another deploy")
	held.Close()

	b.project = t.TempDir()
	_, _, err = b.run("down")
	expectError(t, "no project", err, "is --project right?")
	t.Setenv("PATH", t.TempDir())
	_, _, err = b.run("down")
	expectError(t, "no engine", err, "no pulumi on PATH")
}

func expectError(t *testing.T, name string, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: got error %v, want one with %q", name, err, part)
		}
	}
	if err != nil && strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: the error has more than one line: %v", name, err)
	}
}

func TestSaltStaysInTheCopy(t *testing.T) {
	t.Parallel()
	f := &folder{path: t.TempDir()}
	project := t.TempDir()
	write := func(folder, name, text string) {
		if err := os.WriteFile(folder+"/"+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(project, "Pulumi.yaml", "name: orchard\n")
	write(project, "Pulumi.dev.yaml", "config: {}")
	write(f.path, "Pulumi.dev.yaml", "config:\n  a: b\nencryptionsalt: v1:abc\n")
	if err := f.copyProject(project, "dev"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(f.path + "/Pulumi.dev.yaml")
	if want := "config: {}\nencryptionsalt: v1:abc\n"; err != nil || string(got) != want {
		t.Errorf("copied configuration: got %q, %v, want %q", got, err, want)
	}
}

func TestSetRelease(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	declared := &workspace.Project{Main: "infra", Config: map[string]workspace.ProjectConfigType{"release": {Default: "../bin/orchard"}}}
	key := config.MustMakeKey(projectName, "release")
	for _, c := range []struct {
		name, flag, want string
		configured       config.Map
	}{
		{"neither", "", "/checkout/bin/orchard", nil},
		{"flag", "bin/mine", here + "/bin/mine", nil},
		{"absolute flag", "/bin/mine", "/bin/mine", nil},
		{"stack's file", "", "/checkout/built", config.Map{key: config.NewValue("../built")}},
		{"both", "/flag", "/flag", config.Map{key: config.NewValue("../built")}},
	} {
		s := &session{options: &options{project: "/checkout", release: c.flag, set: map[string]string{}}}
		if err := s.setRelease(c.configured, declared); err != nil || s.set["release"] != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.name, s.set["release"], err, c.want)
		}
	}
}

func TestPlainError(t *testing.T) {
	t.Parallel()
	long := errors.New("failed to run update: exit status 255\ncode: 255\nstdout: Updating\nstderr: warning: x\nerror: the passphrase is wrong\n")
	if got := plainError(long).Error(); got != "the passphrase is wrong" {
		t.Errorf("got %q, want the engine's own sentence", got)
	}
	short := errors.New("exit status 1")
	if got := plainError(short); got != short {
		t.Errorf("got %v, want what was given", got)
	}
}
