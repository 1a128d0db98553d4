// Package apimodel holds what a stack declares on AWS against AWS's own
// models of its APIs: ranges, lengths, patterns, enumerations and required
// members, before an account ever sees a request.
//
// The models are the files api-2.json and docs-2.json of AWS's SDK for Go,
// version 1, a module that is pinned in tools/models and only read. A mapping
// (the files of the folder mapping, one for each service) says which member
// of which operation's request a Pulumi property becomes. From a resource's
// inputs the requests are put together and then validated as a client of the
// API would.
//
// What surprises: some of AWS's limits stand in no model, only in its
// documentation, such as the algorithms of a target group. They are written
// down as limits in the mapping, and a limit that the documentation does not
// bear out is an error.
//
// Left out: rules between resources, between members, and of quotas. An input
// without a mapping is not checked but counted, see Coverage.
package apimodel

import (
	"fmt"
	"slices"
	"strings"
)

// Checker holds models and mappings of all services.
type Checker struct {
	services []service
}

type service struct {
	model   *Model
	mapping Mapping
}

// Violation is one input that the API would refuse.
type Violation struct {
	// Resource is a type and a name.
	Resource string
	// Property is the Pulumi property, or empty when one is missing.
	Property string
	// Member is the request's member, with the operation first.
	Member string
	// Says is the rule that is broken, with the value.
	Says string
}

func (v Violation) String() string {
	if v.Property == "" {
		return fmt.Sprintf("%s: %s %s", v.Resource, v.Member, v.Says)
	}
	return fmt.Sprintf("%s: %s (%s) %s", v.Resource, v.Property, v.Member, v.Says)
}

// NewChecker reads the mappings, and the models that they need from the
// folder of AWS's SDK.
func NewChecker(sdk string) (*Checker, error) {
	mappings, err := readMappings()
	if err != nil {
		return nil, err
	}
	var checker Checker
	for _, mapping := range mappings {
		model, err := ReadModel(sdk, mapping.Service)
		if err != nil {
			return nil, err
		}
		if err := mapping.resolve(model); err != nil {
			return nil, fmt.Errorf("map %s: %w", mapping.Service, err)
		}
		checker.services = append(checker.services, service{model: model, mapping: mapping})
	}
	return &checker, nil
}

// Check gives what the APIs would refuse of one resource, sorted. A type
// without a mapping has no violations; Coverage counts its inputs.
func (c *Checker) Check(token, name string, inputs map[string]any) []Violation {
	var found []Violation
	for _, each := range c.services {
		resource, mapped := each.mapping.Resources[token]
		if !mapped {
			continue
		}
		for _, request := range resource.requests(name, inputs) {
			for _, fault := range validate(each.model, each.mapping.Limits, request, resource.Given) {
				fault.Resource = token + " " + name
				found = append(found, fault)
			}
		}
	}
	slices.SortFunc(found, func(a, b Violation) int { return strings.Compare(a.String(), b.String()) })
	return found
}
