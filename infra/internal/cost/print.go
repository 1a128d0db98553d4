package cost

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// Print shows a report to a person.
func Print(to io.Writer, report Report) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, "List prices of %s in %s a month (730 hours), without taxes and discounts, and without what\n", report.Collected, report.Currency)
	fmt.Fprintln(&text, "traffic, requests and logs add. A ~ marks a price that was not looked up; infra/internal/cost/prices.yaml")
	fmt.Fprintln(&text, "has them all. Redundancy is what a stack would not have if no zone were ever lost.")
	for _, each := range report.Stacks {
		printStack(&text, each)
	}
	if len(report.Fleets) > 0 {
		printFleets(&text, report)
	}
	_, err := to.Write(text.Bytes())
	return err
}

func printStack(to io.Writer, e Estimate) {
	fmt.Fprintf(to, "\nStack %s: %s on %s, prices of %s\n\n", e.Stack, usd(e.MonthlyUSD), e.Cloud, e.Region)
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "  a month\tredundancy\tquantity\t\twhat for\n")
	for _, item := range e.Items {
		fmt.Fprintf(table, "%s\t%s\t%s\t\t%s\n", marked(item), part(item.RedundancyUSD), quantity(item.Quantity), item.Price+", "+short(item.Type)+" "+item.Resource)
	}
	fmt.Fprintf(table, "%s\t%s\t\t\t%s\n", usd(e.MonthlyUSD), part(e.RedundancyUSD), "in all")
	table.Flush()
	for _, kind := range slices.Sorted(maps.Keys(e.ByUse)) {
		fmt.Fprintf(to, "  %s is billed by use: %s\n", short(kind), e.ByUse[kind])
	}
}

func printFleets(to io.Writer, report Report) {
	fmt.Fprintf(to, "\nFleets of load runner nodes, %s an hour:\n\n", report.Currency)
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, each := range report.Fleets {
		fmt.Fprintf(table, "%s\t%d nodes\t%s\t\n", each.Stack, each.Nodes, usd(each.HourlyUSD))
	}
	table.Flush()
}

func marked(item Item) string {
	if item.Source == known {
		return "~" + usd(item.MonthlyUSD)
	}
	return usd(item.MonthlyUSD)
}

func part(amount float64) string {
	if amount == 0 {
		return "-"
	}
	return usd(amount)
}

func usd(amount float64) string { return fmt.Sprintf("%.2f", amount) }

func quantity(count float64) string { return fmt.Sprintf("%g", count) }

// short is a type without its module: NatGateway.
func short(kind string) string { return kind[strings.LastIndex(kind, ":")+1:] }
