package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
)

// TestMain lets a test start this binary as the command, so that it can be
// killed.
func TestMain(m *testing.M) {
	if os.Getenv("DEPLOY_TEST_COMMAND") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// command is the command as a process of its own, not yet started.
func (b *bench) command(args ...string) *exec.Cmd {
	b.t.Helper()
	args = append(args, "--project", b.project, "--work", b.work, "--release", b.release)
	command := exec.Command(os.Args[0], args...)
	command.Env = append(os.Environ(), "DEPLOY_TEST_COMMAND=1")
	return command
}

// TestUpAfterKill kills deploy, its engine, or both, while a resource is
// being created, and expects that another up just works.
func TestUpAfterKill(t *testing.T) {
	for _, c := range []struct {
		name           string
		deploy, engine bool
	}{
		{"deploy", true, false},
		{"engine", false, true},
		{"both", true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, port := startProvider(t)
			b := newBench(t, port)
			reached, proceed := p.holdDatabase()
			command := b.command("up")
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			<-reached
			if c.deploy {
				// Stopped first, so that it does not see its engine end.
				command.Process.Signal(syscall.SIGSTOP)
			}
			if c.engine {
				killEngines(t, b.work)
			}
			if c.deploy {
				command.Process.Kill()
			}
			close(proceed)
			if err := command.Wait(); !c.deploy && err == nil {
				t.Error("deploy whose engine was killed: got no error")
			}
			b.expectUpAndDown(p)
		})
	}
}

func killEngines(t *testing.T, folder string) {
	t.Helper()
	engines := enginesIn(folder)
	if len(engines) == 0 {
		t.Error("no engine to kill")
	}
	for _, pid := range engines {
		syscall.Kill(pid, syscall.SIGKILL)
	}
}

func (b *bench) expectUpAndDown(p *provider) {
	b.t.Helper()
	out, _, err := b.run("up")
	if err != nil || !strings.HasPrefix(lastLine(out), "url: http://") {
		b.t.Fatalf("up after a kill: got %v", err)
	}
	if _, _, err := b.run("down"); err != nil || p.count() != 0 {
		b.t.Errorf("down: got %v with %d resources left, want none", err, p.count())
	}
}

// holdDatabase stops the first creation of the database: reached is closed
// when it is under way, and it ends once proceed is closed.
func (p *provider) holdDatabase() (reached, proceed chan struct{}) {
	reached, proceed = make(chan struct{}), make(chan struct{})
	var first sync.Once
	p.onCreate = func(ctx context.Context, u urn.URN) error {
		if u.Type() != "aws:rds/instance:Instance" {
			return nil
		}
		first.Do(func() { close(reached) })
		select {
		case <-proceed:
			return nil
		case <-ctx.Done():
			return errors.New("the engine went away")
		}
	}
	return reached, proceed
}

// TestInterrupt sends what a terminal's Ctrl-C sends: the engine finishes
// what is under way, nothing is taken back, and up goes on from there.
func TestInterrupt(t *testing.T) {
	p, port := startProvider(t)
	b := newBench(t, port)
	reached, proceed := p.holdDatabase()
	command := b.command("up")
	var said bytes.Buffer
	command.Stderr = &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	<-reached
	command.Process.Signal(os.Interrupt)
	<-p.cancelled
	close(proceed)
	if err := command.Wait(); err == nil || command.ProcessState.ExitCode() != 1 {
		t.Errorf("interrupted up: got %v, want exit code 1", err)
	}
	if want := "up of stack dev was interrupted; run up again to go on"; !strings.Contains(said.String(), want) {
		t.Errorf("interrupted up said %q, want %q", said.String(), want)
	}
	if _, _, err := b.run("up"); err != nil {
		t.Errorf("up after an interrupt: %v", err)
	}
}
