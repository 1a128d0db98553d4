// Package azurestack declares the whole stack on Azure.
//
// It is the twin of package awsstack: one file is one part, with the same
// name in both. The parts build on each other in this order: security,
// network, release, flow logs, database, identity, loadbalancer, compute, observe,
// outputs. Each part takes the parts before it and gives a small struct of
// what later parts need. Security comes first here, because a subnet names
// its group inline.
//
// What surprises: subnets, rules, probes and profiles are inline, because
// apart they undo each other, and refer to one another by ids that are put
// together by hand; physical names are left to the engine, except where one
// must be known before (the load balancer, for such an id), is the name of a
// role (the identities) or is one of all Azure (storage account and database
// server), and those have a part that changes with the resource group;
// nothing uses a default provider; and the scale set waits for far more than
// its inputs name, because an instance that boots before its way out, its
// rule or its role assignment exists fails and stays failed.
//
// TLS ends at the instances, because the load balancer passes connections on
// as they are. Their certificate is a secret of a Key Vault that is not the
// stack's: a vault's name stays taken when it is deleted, and a certificate
// outlives the stacks that serve with it.
//
// Left out, and why: scaling by requests, which it does not count; management
// locks, in whose place the engine itself refuses to delete what is
// protected.
package azurestack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-azure-native-sdk/resources/v2"
	azurenative "github.com/pulumi/pulumi-azure-native-sdk/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/release"
	"orchard/infra/internal/settings"
)

// scope is what every declaration needs: where it is recorded, the provider
// that it names, the stack's name for tags, and the group and location that
// it lies in.
type scope struct {
	*pulumi.Context
	on       pulumi.ResourceOption
	stack    string
	location pulumi.String
	group    *resources.ResourceGroup
}

// named gives the tags of a resource. The provider has no default ones.
func (s scope) named(name string) pulumi.StringMap {
	return pulumi.StringMap{
		"Name":    pulumi.String("orchard-" + s.stack + "-" + name),
		"Project": pulumi.String("orchard"),
		"Stack":   pulumi.String(s.stack),
	}
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
		{"security", func() (err error) { p.security, err = declareSecurity(s, set); return }},
		{"network", func() (err error) {
			p.network, err = declareNetwork(s, set.Network.CIDR, p.security, found.zones)
			return
		}},
		{"release", func() (err error) { p.release, err = declareRelease(s, rel, set, p.network.app); return }},
		{"flow logs", func() error { return declareFlowLogs(s, set, p.network, p.release) }},
		{"database", func() (err error) { p.database, err = declareDatabase(s, set, found.tenant, p.network); return }},
		{"identity", func() (err error) {
			p.identity, err = declareIdentity(s, found, set.Listener.CertificateSecret, p.release, p.database)
			return
		}},
		{"load balancer", func() (err error) { p.balancer, err = declareBalancer(s, set, p.network); return }},
		{"compute", func() (err error) { p.fleet, err = declareFleet(s, set, found.image, p); return }},
		{"observe", func() (err error) { p.observed, err = declareObserve(s, set, found.tenant, p); return }},
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
	security security
	network  network
	release  releaseStore
	database database
	identity identity
	balancer balancer
	fleet    []group
	observed observed
}

func newScope(ctx *pulumi.Context, set settings.Settings) (scope, error) {
	provider, err := azurenative.NewProvider(ctx, "azure", &azurenative.ProviderArgs{
		Location: pulumi.String(set.Region),
	})
	if err != nil {
		return scope{}, fmt.Errorf("declare provider: %w", err)
	}
	s := scope{Context: ctx, on: pulumi.Provider(provider), stack: set.Stack, location: pulumi.String(set.Region)}
	s.group, err = resources.NewResourceGroup(ctx, "orchard", &resources.ResourceGroupArgs{
		Location: s.location, Tags: s.named("orchard"),
	}, s.on)
	if err != nil {
		return scope{}, fmt.Errorf("declare resource group: %w", err)
	}
	return s, nil
}

// protect lets the engine refuse to delete what holds data or traffic.
func protect(set bool) pulumi.ResourceOption { return pulumi.Protect(set) }

// unique gives a name that no other stack has, nor this stack once its
// resource group was made anew. With a prefix of at most 14 lower-case
// letters it is a valid name even of a storage account, the strictest kind.
func (s scope) unique(prefix string) pulumi.StringOutput {
	project, stack := s.Project(), s.stack
	return s.group.ID().ApplyT(func(group pulumi.ID) string {
		return prefix + digestOf(project, stack, string(group))[:10]
	}).(pulumi.StringOutput)
}

// digestOf is the same for the same values, whatever the case of an id.
func digestOf(values ...string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.Join(values, "\n"))))
	return hex.EncodeToString(sum[:])
}
