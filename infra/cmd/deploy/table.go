package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"orchard/infra/internal/outputs"
)

// printTable shows the outputs to a person.
func printTable(to io.Writer, s outputs.Stack) {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(table, "%s\t%s\n", name, value)
		}
	}
	fmt.Fprintln(table)
	row("cloud", s.Cloud+", "+s.Region)
	row("zones", strings.Join(s.Zones, ", "))
	for _, g := range s.ScalingGroups {
		row("scaling group", fmt.Sprintf("%s, %d to %d instances in %s", g.Name, g.Min, g.Max, strings.Join(g.Zones, ", ")))
	}
	row("load balancer", s.LoadBalancer.DNSName)
	row("database", describeDatabase(s.Database))
	row("release", s.Release.Digest)
	row("network", s.Network.ID+", "+s.Network.CIDR)
	row("log group", s.LogGroup)
	row("results", s.ResultsLocation)
	table.Flush()
}

func describeDatabase(d outputs.Database) string {
	if d.Host == "" {
		return ""
	}
	standby := "no standby"
	if d.MultiZone {
		standby = "standby in another zone"
	}
	return fmt.Sprintf("%s:%d/%s, PostgreSQL %d, %s", d.Host, d.Port, d.Name, d.Major, standby)
}
