package azurestack

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/release"
	"orchard/infra/internal/servicestack"
	"orchard/infra/internal/settings"
)

// DeclareRunner records every resource of a load runner's stack and returns
// its outputs. The stack has a network of its own and reaches the service as
// its clients do.
//
// The files of a runner are named runner*.go, one a part, in the order in
// which they build on each other: security, network, store, identity,
// compute, outputs. What a runner shares with a service is declared by the
// same functions.
func DeclareRunner(ctx *pulumi.Context, set settings.Settings, rel release.Release, load servicestack.Load) (pulumi.Map, error) {
	s, err := newScope(ctx, set)
	if err != nil {
		return nil, err
	}
	found, err := lookUp(s, set)
	if err != nil {
		return nil, err
	}
	var p runnerParts
	steps := []struct {
		name string
		run  func() error
	}{
		{"security", func() (err error) {
			p.security, err = declareRunnerSecurity(s, set.Network.CIDR, load.Service)
			return
		}},
		{"network", func() (err error) {
			p.network, err = declareRunnerNetwork(s, set.Network.CIDR, p.security, found.zones)
			return
		}},
		{"store", func() (err error) { p.store, err = declareRunnerStore(s, rel, set, p.network.node, load.Token); return }},
		{"identity", func() (err error) { p.identity, err = declareRunnerIdentity(s, found.subscription, p.store); return }},
		{"compute", func() (err error) { p.nodes, err = declareNodes(s, set, found.image, load, p); return }},
	}
	for _, step := range steps {
		if err := step.run(); err != nil {
			return nil, fmt.Errorf("declare runner's %s: %w", step.name, err)
		}
	}
	return runnerOutputs(set, load, p), nil
}

// runnerParts are the declared parts of a runner's stack.
type runnerParts struct {
	security runnerSecurity
	network  runnerNetwork
	store    runnerStore
	identity runnerIdentity
	nodes    group
}
