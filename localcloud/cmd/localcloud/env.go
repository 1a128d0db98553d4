package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"orchard/localcloud/internal/daemon"
)

func envCommand(folder *daemon.Folder) *cobra.Command {
	return &cobra.Command{
		Use:     "env",
		Short:   "Print the variables that `pulumi` needs to work against the daemon",
		Example: `  eval "$(bin/localcloud env)" && pulumi up -s dev`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := folder.Environment()
			if err != nil {
				return err
			}
			for _, assignment := range env {
				name, value, _ := strings.Cut(assignment, "=")
				fmt.Fprintf(cmd.OutOrStdout(), "export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
			}
			return nil
		},
	}
}

func pathCommand(folder *daemon.Folder) *cobra.Command {
	return &cobra.Command{
		Use:   "path",
		Short: "Print the state folder",
		Args:  cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			fmt.Fprintln(cmd.OutOrStdout(), *folder)
		},
	}
}
