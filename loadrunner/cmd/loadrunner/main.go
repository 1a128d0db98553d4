// Loadrunner sends load to the service and says what became of it.
//
//	loadrunner run [PLAN]      carry out a plan, or what the flags say
//	loadrunner merge DIR...    join the results of nodes and minutes
//	loadrunner report DIR      show results again, as text or HTML
//	loadrunner records DIR...  list each request of runs that have written them down
//	loadrunner drill run FILE  break a stack under load, and judge what clients noticed
//
// It exits with 0 when every objective is met, 1 when one is missed, and 2 when the
// run is broken or was asked for wrongly.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

// errMissed ends a command whose objectives are not met.
var errMissed = errors.New("objectives missed")

func main() {
	debug.SetGCPercent(25) // little is allocated, and memory is to be small
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, errMissed):
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "loadrunner:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	root := &cobra.Command{
		Use: "loadrunner", Short: "Send load and say what became of it",
		SilenceUsage: true, SilenceErrors: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.AddCommand(runCommand(getenv), mergeCommand(), reportCommand(), recordsCommand(), drillCommand(getenv))
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return root.ExecuteContext(ctx)
}
