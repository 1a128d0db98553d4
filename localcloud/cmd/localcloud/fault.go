package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"orchard/localcloud/internal/daemon"
	"orchard/localcloud/internal/world"
)

// defaultFault is how long a fault lasts that nobody ends before.
const defaultFault = time.Minute

func faultCommand(folder *daemon.Folder) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fault",
		Short: "Break something on purpose: an instance, a zone, launches, a path",
		Long: `Break something on purpose. A fault ends by itself after --for, in real time, or
before by "localcloud fault end". Begin and end are in the event log.`,
	}
	var stack string
	cmd.PersistentFlags().StringVar(&stack, "stack", "", "the stack; needed where several are up")
	for _, kind := range world.FaultKinds {
		cmd.AddCommand(injectCommand(folder, &stack, kind))
	}
	cmd.AddCommand(faultListCommand(folder, &stack), faultEndCommand(folder, &stack))
	return cmd
}

func injectCommand(folder *daemon.Folder, stack *string, kind world.FaultKind) *cobra.Command {
	var lasting time.Duration
	cmd := &cobra.Command{
		Use:   kind.Name + " " + kind.Target,
		Short: kind.About,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := oneWorld(cmd, *folder, *stack)
			if err != nil {
				return err
			}
			fault, err := folder.Inject(cmd.Context(), w.Stack, kind.Name, args[0], lasting)
			if err != nil {
				return err
			}
			if !kind.Lasts {
				fmt.Fprintf(cmd.OutOrStdout(), "%s of %s\n", fault.Kind, fault.Target)
				return nil
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %s of %s until %s\n", fault.ID, fault.Kind, fault.Target, fault.Until.Format(time.TimeOnly))
			return nil
		},
	}
	if kind.Action != "" {
		cmd.Long = fmt.Sprintf("%s.\n\nIn AWS Fault Injection Service: %s", kind.About, kind.Action)
	}
	if kind.Lasts {
		cmd.Flags().DurationVar(&lasting, "for", defaultFault, fmt.Sprintf("how long, from %s to %s of real time", world.MinFault, world.MaxFault))
	}
	return cmd
}

func faultListCommand(folder *daemon.Folder, stack *string) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Show the faults that are in force",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := oneWorld(cmd, *folder, *stack)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(w.Faults)
			}
			return printFaults(cmd.OutOrStdout(), w.Faults)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printFaults(out io.Writer, faults []world.Fault) error {
	if len(faults) == 0 {
		_, err := fmt.Fprintln(out, "no fault is in force")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "FAULT\tKIND\tTARGET\tUNTIL")
	for _, f := range faults {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", f.ID, f.Kind, f.Target, f.Until.Format(time.TimeOnly))
	}
	return table.Flush()
}

func faultEndCommand(folder *daemon.Folder, stack *string) *cobra.Command {
	return &cobra.Command{
		Use:   "end fault|all",
		Short: "End a fault before its time, by the name that the list shows",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := oneWorld(cmd, *folder, *stack)
			if err != nil {
				return err
			}
			return folder.Revert(cmd.Context(), w.Stack, args[0])
		},
	}
}

// oneWorld is the world that a command is about: the one named, or the only
// one.
func oneWorld(cmd *cobra.Command, folder daemon.Folder, stack string) (world.Status, error) {
	report, err := folder.Status(cmd.Context())
	if err != nil {
		return world.Status{}, err
	}
	worlds, err := only(report.Worlds, stack)
	switch {
	case err != nil:
		return world.Status{}, err
	case len(worlds) == 0:
		return world.Status{}, errors.New("no stack is up")
	case len(worlds) > 1:
		return world.Status{}, fmt.Errorf("%d stacks are up: name one with --stack", len(worlds))
	}
	return worlds[0], nil
}
