package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"orchard/localcloud/internal/daemon"
)

func consoleCommand(folder *daemon.Folder) *cobra.Command {
	return &cobra.Command{
		Use:   "console",
		Short: "Print the address of the page that shows every stack",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			address, err := folder.Console(cmd.Context())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), address)
			return err
		},
	}
}
