package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"orchard/localcloud/internal/daemon"
	"orchard/localcloud/internal/world"
)

func statusCommand(folder *daemon.Folder) *cobra.Command {
	var asJSON bool
	var stack string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show zones, groups, instances with their health, balancers, databases, and what the program lacks",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := folder.Status(cmd.Context())
			if err != nil {
				return err
			}
			if report.Worlds, err = only(report.Worlds, stack); err != nil {
				return err
			}
			if asJSON {
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				return encoder.Encode(report)
			}
			return printReport(cmd.OutOrStdout(), report)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().StringVar(&stack, "stack", "", "one stack only")
	return cmd
}

func only(worlds []world.Status, stack string) ([]world.Status, error) {
	if stack == "" {
		return worlds, nil
	}
	for _, w := range worlds {
		if w.Stack == stack {
			return []world.Status{w}, nil
		}
	}
	return nil, fmt.Errorf("stack %s is not up", stack)
}

func printReport(out io.Writer, report daemon.Report) error {
	if len(report.Worlds) == 0 {
		_, err := fmt.Fprintln(out, "no stack is up")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	for _, w := range report.Worlds {
		printWorld(table, w, report.TimeScale)
	}
	return table.Flush()
}

func printWorld(out io.Writer, w world.Status, scale float64) {
	fmt.Fprintf(out, "stack %s\tworld %d\t%s\tslow clocks ×%g\n", w.Stack, w.Number, w.Region, scale)
	fmt.Fprintln(out, "\nZONE\tINSTANCES\tHEALTHY")
	for _, z := range w.Zones {
		fmt.Fprintf(out, "%s\t%d\t%d\n", z.Name, z.Instances, z.Healthy)
	}
	fmt.Fprintln(out, "\nGROUP\tMIN\tDESIRED\tMAX\tHEALTHY\tTEMPLATE\tCPU\tREQUESTS/MIN\tDOING")
	for _, g := range w.Groups {
		cpu, requests := "", ""
		if g.Load != nil {
			cpu, requests = fmt.Sprintf("%.0f%%", g.Load.CPU), fmt.Sprintf("%.0f", g.Load.Requests)
		}
		fmt.Fprintf(out, "%s\t%d\t%d\t%d\t%d\tversion %d\t%s\t%s\t%s\n",
			g.Name, g.Min, g.Desired, g.Max, g.Healthy, g.TemplateVersion, cpu, requests, doing(g))
	}
	fmt.Fprintln(out, "\nINSTANCE\tZONE\tADDRESS\tSTATE\tHEALTH\tPID\tTEMPLATE\tREASON")
	for _, i := range w.Instances {
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%d\tversion %d\t%s\n", i.ID, i.Zone, i.Address, i.State, i.Health, i.PID, i.TemplateVersion, i.Reason)
	}
	fmt.Fprintln(out, "\nBALANCER\tADDRESS\tTARGETS\tHEALTHY")
	for _, b := range w.Balancers {
		fmt.Fprintf(out, "%s\t%s\t%d\t%d\n", b.Name, b.Address, b.Targets, b.Healthy)
	}
	fmt.Fprintln(out, "\nDATABASE\tENDPOINT\tROLE\tZONE\tPID\tSYNC\tDECLARED\tRUNNING")
	for _, d := range w.Databases {
		for _, s := range d.Servers {
			fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%d\t%s\t%d\t%s\n", d.Name, d.Endpoint, s.Role, s.Zone, s.PID, s.Sync, d.DeclaredMajor, d.RunningVersion)
		}
		for _, said := range condition(d) {
			fmt.Fprintf(out, "%s\t%s\t%s\n", d.Name, d.Endpoint, said)
		}
	}
	if len(w.Faults) > 0 {
		fmt.Fprintln(out, "\nFAULT\tKIND\tTARGET\tUNTIL")
	}
	for _, f := range w.Faults {
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", f.ID, f.Kind, f.Target, f.Until.Format(time.TimeOnly))
	}
	printProblems(out, w.Problems)
	fmt.Fprintln(out)
}

// condition is what is to be said of a database beside its servers.
func condition(d world.DatabaseStatus) []string {
	var said []string
	if d.Error != "" {
		said = append(said, d.Error)
	}
	if d.Failover != "" {
		said = append(said, "failover: "+d.Failover)
	}
	if d.Outage != "" {
		said = append(said, "outage: "+d.Outage)
	}
	return said
}

func printProblems(out io.Writer, problems []world.Problem) {
	if len(problems) == 0 {
		return
	}
	fmt.Fprintln(out, "\nPROBLEM\tZONES\tREASON")
	for _, p := range problems {
		zones := "all"
		if len(p.Zones) > 0 {
			zones = strings.Join(p.Zones, ", ")
		}
		fmt.Fprintf(out, "%s\t%s\t%s\n", p.Path, zones, p.Sentence)
	}
}

// doing says what a group is about besides keeping its count.
func doing(g world.GroupStatus) string {
	var said []string
	if r := g.Rollout; r != nil && r.Status != "done" {
		said = append(said, fmt.Sprintf("version %d %s: %d updated, %d to go %s", r.Version, r.Status, r.Updated, r.Old, r.Reason))
	}
	for _, a := range g.Alarms {
		if a.High == "alarm" || a.Low == "alarm" && g.Desired > g.Min {
			said = append(said, fmt.Sprintf("%s: high %s, low %s", a.Policy, a.High, a.Low))
		}
	}
	if g.RepairsSuspended {
		said = append(said, "repairs are suspended")
	}
	return strings.TrimSpace(strings.Join(said, "; "))
}
