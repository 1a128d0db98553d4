package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"orchard/localcloud/internal/daemon"
)

func stopCommand(folder *daemon.Folder) *cobra.Command {
	var idle bool
	cmd := &cobra.Command{
		Use:   "stop",
		Short: "Stop the daemon; instances and databases run on until it is back",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := folder.Stop(cmd.Context(), idle)
			switch {
			case errors.Is(err, daemon.ErrNotRunning):
				fmt.Fprintln(cmd.ErrOrStderr(), "no daemon is running")
				err = nil
			case errors.Is(err, daemon.ErrBusy):
				return nil // another stack still needs it, and --idle asked for that
			}
			if err == nil && idle {
				return folder.RemoveUnused()
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&idle, "idle", false, "stop only when no stack is up, and then remove the state folder")
	return cmd
}

func resetCommand(folder *daemon.Folder) *cobra.Command {
	return &cobra.Command{
		Use:   "reset",
		Short: "Stop everything, end what is left of every stack, and remove the state folder",
		Long: `Stop everything, end what is left of every stack, and remove the state folder.

This is for a state folder that cannot be used any more. ` + "`make down`" + ` is the orderly way.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := folder.Stop(cmd.Context(), false); err != nil && !errors.Is(err, daemon.ErrNotRunning) {
				return err
			}
			return folder.Reset(cmd.Context())
		},
	}
}
