package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"orchard/localcloud/internal/daemon"
	"orchard/localcloud/internal/world"
)

func failoverCommand(folder *daemon.Folder) *cobra.Command {
	var stack string
	cmd := &cobra.Command{
		Use:   "failover [database]",
		Short: "Have a database's standby take over, as a reboot with failover does",
		Long: `Have a database's standby take over. The primary ends in an orderly way once it
has sent the standby its last commits. The phases are in the event log.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := oneWorld(cmd, *folder, stack)
			if err != nil {
				return err
			}
			name, err := oneDatabase(w, args)
			if err != nil {
				return err
			}
			if err := folder.FailOver(cmd.Context(), w.Stack, name); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "database %s fails over\n", name)
			return nil
		},
	}
	cmd.Flags().StringVar(&stack, "stack", "", "the stack; needed where several are up")
	return cmd
}

// oneDatabase is the database that is named, or the only one.
func oneDatabase(w world.Status, args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	if len(w.Databases) != 1 {
		return "", fmt.Errorf("stack %s has %d databases: name one", w.Stack, len(w.Databases))
	}
	return w.Databases[0].Name, nil
}
