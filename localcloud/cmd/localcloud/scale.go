package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"orchard/localcloud/internal/daemon"
)

func scaleCommand(folder *daemon.Folder) *cobra.Command {
	var stack string
	cmd := &cobra.Command{
		Use:   "scale group count",
		Short: "Set the desired count of a scaling group, within its min and max",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := strconv.Atoi(args[1])
			if err != nil {
				return fmt.Errorf("count is %q: want a number of instances", args[1])
			}
			w, err := oneWorld(cmd, *folder, stack)
			if err != nil {
				return err
			}
			return folder.SetDesired(cmd.Context(), w.Stack, args[0], n)
		},
	}
	cmd.Flags().StringVar(&stack, "stack", "", "the stack; needed where several are up")
	return cmd
}
