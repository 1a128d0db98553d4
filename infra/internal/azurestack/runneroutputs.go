package azurestack

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/outputs"
	"orchard/infra/internal/servicestack"
	"orchard/infra/internal/settings"
)

// runnerOutputs fills the contract of package outputs. The url is the
// service's; what a runner has none of is empty.
func runnerOutputs(set settings.Settings, load servicestack.Load, p runnerParts) pulumi.Map {
	filled := outputs.Empty()
	for key, value := range (pulumi.Map{
		"cloud":         pulumi.String(settings.Azure),
		"region":        pulumi.String(set.Region),
		"topology":      pulumi.String(settings.Regional),
		"url":           load.Service.URL,
		"zones":         zoneNames(p.network.zones),
		"scalingGroups": groupOutputs([]group{p.nodes}),
		"release": pulumi.Map{
			"digest": pulumi.String(p.store.Digest),
			"location": pulumi.Sprintf("https://%s.blob.core.windows.net/%s/%s",
				p.store.account.Name, p.store.container.Name, p.store.Key()),
		},
		"network": pulumi.Map{"id": p.network.vnet.ID(), "cidr": pulumi.String(p.network.cidr)},
		"resultsLocation": pulumi.Sprintf("https://%s.blob.core.windows.net/%s/%s",
			p.store.account.Name, p.store.results.Name, p.store.resultsPrefix),
	}) {
		filled[key] = value
	}
	return filled
}
