// Package cost prices what a stack declares: the list price of a month, what
// of it is paid for the loss of a zone, and what load runner nodes cost an
// hour.
//
// The prices are the file prices.yaml: dated, each with its source. They are
// of one region of each cloud, whatever region a stack is for, so that stacks
// can be compared. A type of resource that the file neither prices nor lists
// as free or billed by use is an error: nothing is left out unnoticed.
//
// A stack's total is what it costs to stand there with the instances that it
// starts with. An AWS load balancer counts one capacity unit. What traffic
// adds (bytes through NAT, between zones and out, requests, logs) and what
// scaling out adds is not in it.
//
// Redundancy is what the same stack would not have if no zone were ever lost:
// the database's standby with its storage, every NAT gateway, address and
// interface endpoint but those of one zone, and of the instances that serve
// clients the share of one zone, because the others carry the load when it is
// lost. A load balancer counts as none: it is not sold without zones.
package cost

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/planned"
)

// Estimate is what one stack costs.
type Estimate struct {
	Stack string `json:"stack"`
	Cloud string `json:"cloud"`
	// Region is the one whose prices count.
	Region string `json:"region"`
	Items  []Item `json:"items"`
	// MonthlyUSD and RedundancyUSD are for a month, RedundancyUSD a part of
	// MonthlyUSD.
	MonthlyUSD    float64 `json:"monthlyUsd"`
	RedundancyUSD float64 `json:"redundancyUsd"`
	// ByUse are types of the stack that cost what goes through them.
	ByUse map[string]string `json:"byUse"`
}

// Item is a resource's part of the price.
type Item struct {
	Type     string  `json:"type"`
	Resource string  `json:"resource"`
	Price    string  `json:"price"`
	Source   string  `json:"source"`
	Quantity float64 `json:"quantity"`
	// MonthlyUSD and RedundancyUSD are for a month.
	MonthlyUSD    float64 `json:"monthlyUsd"`
	RedundancyUSD float64 `json:"redundancyUsd"`
}

// line is what a meter reads of one resource.
type line struct {
	price string
	// quantity is in the price's unit, without its hours or months.
	quantity float64
	// redundant is the share of it that is paid for the loss of a zone.
	redundant float64
}

// meter reads what a resource is billed for.
type meter func(stack planned.Stack, resource fakecloud.Resource) ([]line, error)

// Of prices a stack. Every type without a price and every size without one is
// named in the error.
func Of(stack planned.Stack) (Estimate, error) {
	prices, err := readPrices()
	if err != nil {
		return Estimate{}, err
	}
	cloud, name := prices.AWS, "aws"
	if isAzure(stack) {
		cloud, name = prices.Azure, "azure"
	}
	estimate := Estimate{Stack: stack.Name, Cloud: name, Region: cloud.Region, ByUse: map[string]string{}}
	var missing []error
	for _, resource := range stack.Resources {
		missing = append(missing, estimate.add(stack, resource, cloud, prices.HoursPerMonth))
	}
	if err := errors.Join(missing...); err != nil {
		return Estimate{}, fmt.Errorf("price stack %s: %w", stack.Name, err)
	}
	for _, item := range estimate.Items {
		estimate.MonthlyUSD += item.MonthlyUSD
		estimate.RedundancyUSD += item.RedundancyUSD
	}
	return estimate, nil
}

func isAzure(stack planned.Stack) bool {
	return slices.ContainsFunc(stack.Resources, func(each fakecloud.Resource) bool {
		return strings.HasPrefix(each.Type, "azure-native:")
	})
}

func (e *Estimate) add(stack planned.Stack, resource fakecloud.Resource, cloud cloud, hours float64) error {
	kind := kindOf(resource)
	if strings.HasPrefix(kind, "pulumi:") || slices.Contains(cloud.Free, kind) {
		return nil
	}
	if use, ok := cloud.ByUse[kind]; ok {
		e.ByUse[kind] = use
		return nil
	}
	lines, err := cloud.read(stack, resource)
	if err != nil {
		return err
	}
	for _, each := range lines {
		price, ok := cloud.Prices[each.price]
		if !ok {
			return fmt.Errorf("%s %s: there is no price of %q in prices.yaml; add it", kind, resource.Name, each.price)
		}
		monthly := each.quantity * price.monthly(hours)
		e.Items = append(e.Items, Item{
			Type: kind, Resource: resource.Name, Price: each.price, Source: price.Source,
			Quantity: each.quantity, MonthlyUSD: monthly, RedundancyUSD: monthly * each.redundant,
		})
	}
	return nil
}

// read gives what a resource is billed for.
func (c cloud) read(stack planned.Stack, resource fakecloud.Resource) ([]line, error) {
	kind := kindOf(resource)
	if price, ok := c.Flat[kind]; ok {
		return []line{{price: price, quantity: 1}}, nil
	}
	if price, ok := c.Zonal[kind]; ok {
		return []line{{price: price, quantity: 1, redundant: beyondOne(float64(len(stack.Of(resource.Type))))}}, nil
	}
	if meter, ok := meters[kind]; ok {
		return meter(stack, resource)
	}
	return nil, fmt.Errorf("%s %s: the type has no price; give it one in prices.yaml, or list it there as free or billed by use", kind, resource.Name)
}

// beyondOne is the share of all but one.
func beyondOne(count float64) float64 { return (count - 1) / count }

var version = regexp.MustCompile(`/v[0-9]+(preview)?:`)

// kindOf is a resource's type, without the version of an Azure API.
func kindOf(resource fakecloud.Resource) string {
	return version.ReplaceAllString(resource.Type, ":")
}
