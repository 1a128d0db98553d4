package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"orchard/localcloud/internal/provider"
	awsprovider "orchard/localcloud/internal/provider/aws"
	azureprovider "orchard/localcloud/internal/provider/azure"
)

// resources is what localcloud makes of every resource type that it knows.
func resources() string {
	return fmt.Sprintf(`# What localcloud makes of each resource type

Printed by %slocalcloud resources%s, from the tables that decide it. A type or a property that is not here is refused by name.

## AWS

%s## Azure

%s`, "`", "`", provider.Markdown(provider.Describe(awsprovider.Table())), provider.Markdown(provider.Describe(azureprovider.Table())))
}

func resourcesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "resources",
		Short: "List the resource types that are known, and what each property does",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), resources())
			return err
		},
	}
}
