// Command localcloud is a cloud on one machine: a daemon that answers the
// Pulumi engine as the provider of a cloud and runs what a program declares,
// and the commands that start, ask and stop it.
//
// The same binary is what an instance finds as its init process and as the
// commands of its image.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"orchard/localcloud/internal/daemon"
	"orchard/localcloud/internal/machine/image"
)

func main() {
	// An instance runs this program under other names: its init, its commands.
	if code, ok := image.Main(context.Background(), os.Args, os.Getenv, os.Stdout, os.Stderr); ok {
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "localcloud:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	root := &cobra.Command{
		Use:           "localcloud",
		Short:         "A cloud on one machine, behind the real Pulumi engine",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version(),
	}
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	state, err := stateFlag(root, getenv)
	if err != nil {
		return err
	}
	root.AddCommand(serveCommand(state), startCommand(state), stopCommand(state), statusCommand(state),
		faultCommand(state), scaleCommand(state), failoverCommand(state), eventsCommand(state), consoleCommand(state),
		envCommand(state), pathCommand(state), resetCommand(state), objectsCommand(state), postgresCommand(), resourcesCommand(), planCommand())
	return root.ExecuteContext(ctx)
}

// stateFlag adds --state, which every command takes: the folder that names the
// daemon.
func stateFlag(root *cobra.Command, getenv func(string) string) (*daemon.Folder, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("find the current folder: %w", err)
	}
	folder := daemon.DefaultFolder(dir, os.Geteuid())
	if given := getenv("LOCALCLOUD_STATE"); given != "" {
		folder = daemon.Folder(given)
	}
	root.PersistentFlags().StringVar((*string)(&folder), "state", string(folder),
		"state folder; also $LOCALCLOUD_STATE")
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if folder == "" || folder[0] != '/' {
			return errors.New("--state must be an absolute path")
		}
		return nil
	}
	return &folder, nil
}
