package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"orchard/localcloud/internal/daemon"
	"orchard/localcloud/internal/provider"
	awsprovider "orchard/localcloud/internal/provider/aws"
	azureprovider "orchard/localcloud/internal/provider/azure"
)

func planCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "plan -- COMMAND [ARGUMENT]...",
		Short: "Run a command for which Pulumi can preview every stack, and take none up",
		Long: `Run a command for which Pulumi can preview every stack, and take none up.

The providers check what a program declares as they always do, but they start
nothing, need no PostgreSQL, and do not mind for which processor an instance
type is. Pulumi's state is empty at first and gone afterwards; a daemon that
runs is left alone.`,
		Example: "  bin/localcloud plan -- bin/deploy preview --stack dev",
		Args:    cobra.MinimumNArgs(1),
		RunE:    plan,
	}
}

func plan(cmd *cobra.Command, args []string) error {
	folder, err := os.MkdirTemp("", "localcloud-plan-")
	if err != nil {
		return fmt.Errorf("make a folder for Pulumi's state: %w", err)
	}
	defer os.RemoveAll(folder)
	err = errors.Join(
		os.Mkdir(filepath.Join(folder, "backend"), 0o700),
		os.WriteFile(filepath.Join(folder, "passphrase"), []byte("of a state that is soon gone"), 0o600))
	if err != nil {
		return fmt.Errorf("prepare Pulumi's state: %w", err)
	}
	// An interrupted engine still asks.
	ctx, stop := context.WithCancel(context.WithoutCancel(cmd.Context()))
	defer stop()
	attached, err := answerPreviews(ctx, slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	return runWith(cmd, args, daemon.PulumiEnvironment(attached, folder))
}

// answerPreviews starts the provider of each cloud and says where it answers.
func answerPreviews(ctx context.Context, log *slog.Logger) (attached []string, err error) {
	for _, table := range []provider.Table{awsprovider.Table(), azureprovider.Table()} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("listen as provider %s: %w", table.Name, err)
		}
		server := &provider.Server{
			Table: table, PlanOnly: true, Log: log,
			Open: func(context.Context, string) (provider.World, error) { return provider.Blank{}, nil },
		}
		go func() {
			if err := server.Serve(ctx, l); err != nil {
				log.Error("provider ends", "error", err)
			}
		}()
		attached = append(attached, daemon.Attach(table.Name, l.Addr().(*net.TCPAddr).Port))
	}
	return attached, nil
}

// runWith runs the command to its end, which may take a moment after an
// interrupt: an engine gives back what it holds.
func runWith(cmd *cobra.Command, args, env []string) error {
	command := exec.CommandContext(cmd.Context(), args[0], args[1:]...)
	command.Env = append(os.Environ(), env...)
	command.Stdin, command.Stdout, command.Stderr = cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 30 * time.Second
	// Else a terminal would interrupt it a second time.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Run(); err != nil {
		return fmt.Errorf("run %s: %w", args[0], err)
	}
	return nil
}
