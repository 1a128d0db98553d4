// Package awsstack declares the whole stack on AWS.
//
// One file is one part, in the order in which they build on each other:
// network, security, endpoints, log store, release, database, identity,
// loadbalancer, compute, observe, outputs. Each part takes the parts before it and gives a small
// struct of what later parts need.
//
// What surprises: resources are keyed by zone name and never by index, so
// that another order of zones moves nothing; physical names, but for the
// scaling groups', are left to the engine, because a fixed name stands in its
// own way when a resource is replaced; nothing uses a default provider; and the
// scaling group waits for far more than its inputs name, because an instance
// that boots before its route, its rule or its role's policy exists fails, is
// given up, and fails again.
//
// Left out, and why: rollback of a refresh (an older release is deployed
// again), hooks at termination (the load balancer drains), and what is set for
// a whole account or region (docs/decisions).
package awsstack

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/release"
	"orchard/infra/internal/settings"
)

// scope is what every declaration needs: where it is recorded, the provider
// that it names, and the stack's name for tags.
type scope struct {
	*pulumi.Context
	on    pulumi.ResourceOption
	stack string
}

// named gives the tag that the console shows as a resource's name.
func (s scope) named(name string) pulumi.StringMap {
	return pulumi.StringMap{"Name": pulumi.String("orchard-" + s.stack + "-" + name)}
}

// Declare records every resource of the stack and returns its outputs.
func Declare(ctx *pulumi.Context, set settings.Settings, rel release.Release) (pulumi.Map, error) {
	s, err := newScope(ctx, set)
	if err != nil {
		return nil, err
	}
	found, err := lookUp(s, set)
	if err != nil {
		return nil, err
	}
	var p parts
	steps := []struct {
		name string
		run  func() error
	}{
		{"network", func() (err error) {
			p.network, err = declareNetwork(s, set, found.zones)
			return
		}},
		{"security", func() (err error) { p.security, err = declareSecurity(s, p.network, set); return }},
		{"endpoints", func() error { return declareEndpoints(s, set, p.network) }},
		{"log store", func() (err error) {
			p.logStore, err = declareLogStore(s, set.Region, p.network, set.DeletionProtection)
			return
		}},
		{"release", func() (err error) {
			if p.release, err = declareRelease(s, "releases", rel, set.DeletionProtection); err != nil {
				return
			}
			return p.logStore.logRequests(s, "releases", p.release.bucket)
		}},
		{"database", func() (err error) { p.database, err = declareDatabase(s, set, p.network, p.security); return }},
		{"identity", func() (err error) {
			p.identity, err = declareIdentity(s, set.Region, groupNames(s, set.Fleet, p.network.zones), p.release, p.database)
			return
		}},
		{"load balancer", func() (err error) { p.balancer, err = declareBalancer(s, set, p); return }},
		{"compute", func() (err error) { p.fleet, err = declareFleet(s, set, found.image, p); return }},
		{"observe", func() (err error) { p.observed, err = declareObserve(s, set, p); return }},
	}
	for _, step := range steps {
		if err := step.run(); err != nil {
			return nil, fmt.Errorf("declare %s: %w", step.name, err)
		}
	}
	return outputMap(set, p), nil
}

// parts are the declared parts of the stack.
type parts struct {
	network  network
	security security
	logStore logStore
	release  releaseStore
	database database
	identity identity
	balancer balancer
	fleet    []group
	observed observed
}

func newScope(ctx *pulumi.Context, set settings.Settings) (scope, error) {
	provider, err := aws.NewProvider(ctx, "aws", &aws.ProviderArgs{
		Region: pulumi.String(set.Region),
		DefaultTags: aws.ProviderDefaultTagsArgs{Tags: pulumi.StringMap{
			"Project": pulumi.String("orchard"),
			"Stack":   pulumi.String(set.Stack),
		}},
	})
	if err != nil {
		return scope{}, fmt.Errorf("declare provider: %w", err)
	}
	return scope{Context: ctx, on: pulumi.Provider(provider), stack: set.Stack}, nil
}
