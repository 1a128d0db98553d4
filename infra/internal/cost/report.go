package cost

import (
	"maps"
	"strconv"

	"orchard/infra/internal/planned"
)

// Report is what several stacks cost.
type Report struct {
	// Collected is the day of the prices, as YYYY-MM-DD.
	Collected string     `json:"collected"`
	Currency  string     `json:"currency"`
	Stacks    []Estimate `json:"stacks"`
	Fleets    []Fleet    `json:"fleets"`
}

// Fleet is a load runner stack of a number of nodes.
type Fleet struct {
	Stack     string  `json:"stack"`
	Nodes     int     `json:"nodes"`
	HourlyUSD float64 `json:"hourlyUsd"`
}

// fleets are the numbers of nodes that are priced.
var fleets = []int{5, 10, 100}

// NewReport prices stacks of a project's folder, with their configuration
// changed by set as planned.Read does it. A stack of load runner nodes is
// priced as a fleet of several sizes too.
func NewReport(project string, names []string, set map[string]string) (Report, error) {
	prices, err := readPrices()
	if err != nil {
		return Report{}, err
	}
	report := Report{Collected: prices.Collected, Currency: prices.Currency}
	for _, name := range names {
		stack, err := planned.Read(project, name, set)
		if err != nil {
			return Report{}, err
		}
		estimate, err := Of(stack)
		if err != nil {
			return Report{}, err
		}
		report.Stacks = append(report.Stacks, estimate)
		if len(stack.Of(reference)) == 0 {
			continue
		}
		for _, nodes := range fleets {
			fleet, err := ofFleet(project, name, set, nodes, prices.HoursPerMonth)
			if err != nil {
				return Report{}, err
			}
			report.Fleets = append(report.Fleets, fleet)
		}
	}
	return report, nil
}

// reference is what only a load runner declares: the service's stack.
const reference = "pulumi:pulumi:StackReference"

func ofFleet(project, name string, set map[string]string, nodes int, hours float64) (Fleet, error) {
	sized := map[string]string{}
	maps.Copy(sized, set)
	sized["nodes"] = strconv.Itoa(nodes)
	stack, err := planned.Read(project, name, sized)
	if err != nil {
		return Fleet{}, err
	}
	estimate, err := Of(stack)
	return Fleet{Stack: name, Nodes: nodes, HourlyUSD: estimate.MonthlyUSD / hours}, err
}
