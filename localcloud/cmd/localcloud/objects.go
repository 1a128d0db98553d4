package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"orchard/localcloud/internal/daemon"
	"orchard/localcloud/internal/uploads"
)

// objectsCommand copies from the state folder, so that it works whether the
// daemon runs or not.
func objectsCommand(folder *daemon.Folder) *cobra.Command {
	var stack string
	cmd := &cobra.Command{
		Use:     "objects address folder",
		Short:   "Copy what instances have put below an address, such as a stack's resultsLocation",
		Example: "  bin/localcloud objects --stack load s3://store-1a2b3c4/results/load out/load",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			container, prefix, err := uploads.Split(args[0])
			if err != nil {
				return err
			}
			if stack == "" {
				return errors.New("--stack is needed: name the stack whose instances have put the objects")
			}
			n, err := folder.Uploads(stack).Copy(container, prefix, args[1])
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d objects of %s are in %s\n", n, args[0], args[1])
			return nil
		},
	}
	cmd.Flags().StringVar(&stack, "stack", "", "the stack whose instances have put the objects")
	return cmd
}
