// Command deploy takes a stack up and down with the real Pulumi engine.
//
// It runs the program of package program inline, through the Automation API,
// so no language host is needed, only the pulumi command on PATH. Where the
// state is kept and which providers answer is the environment's business, as
// with Pulumi itself: PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE or
// PULUMI_CONFIG_PASSPHRASE_FILE, PULUMI_HOME, PULUMI_DEBUG_PROVIDERS. There
// is no other input than these, the flags, and the project's two YAML files.
//
// Preview shows what up would change in a stack as it is now. Plan writes what
// up would create from nothing, for every stack, in a form that is kept in the
// repository: a reviewer sees a change of the program as a change of the plans.
//
// The checkout is only read: Pulumi works on a copy in the work folder. What
// a killed run left behind (a lock, operations that nobody finished) is
// cleared by the next run, because a lock of its own tells deploy that the
// run is dead.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

func main() {
	ctx, stop := interruptible(context.Background(), os.Stderr)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "deploy: "+err.Error())
		os.Exit(1)
	}
}

// run executes one command line. The error is one sentence for its user.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	command := newCommand(getenv, stdout, stderr)
	command.SetArgs(args)
	err := command.ExecuteContext(ctx)
	if err != nil && errors.Is(context.Cause(ctx), errInterrupted) && !errors.Is(err, errInterrupted) {
		return errInterrupted
	}
	return err
}
