package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"orchard/infra/internal/cost"
	"orchard/infra/internal/planned"
)

func costCommand(o *options) *cobra.Command {
	command := o.command("cost", "Price the stacks by their lists, without an account", printCost)
	command.Flags().Bool("json", false, "print JSON rather than tables")
	return command
}

// printCost prices the stacks that the project ships, or the one that --stack
// names. It asks no cloud.
func printCost(command *cobra.Command, o *options) error {
	names, err := planned.Names(o.project)
	if err != nil {
		return err
	}
	if command.Flags().Changed("stack") {
		names = []string{o.stack}
	}
	report, err := cost.NewReport(o.project, names, o.set)
	if err != nil {
		return err
	}
	if asJSON, _ := command.Flags().GetBool("json"); !asJSON {
		return cost.Print(o.stdout, report)
	}
	encoder := json.NewEncoder(o.stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}
