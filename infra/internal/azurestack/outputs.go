package azurestack

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/outputs"
	"orchard/infra/internal/settings"
)

// outputMap fills the contract of package outputs. There are no public
// subnets: the load balancer needs none. There are no prepared faults either:
// the SDK has no types for Chaos Studio.
func outputMap(set settings.Settings, p parts) pulumi.Map {
	text := func(value string) pulumi.String { return pulumi.String(value) }
	return pulumi.Map{
		"schemaVersion": pulumi.Int(outputs.SchemaVersion),
		"cloud":         text(string(settings.Azure)),
		"region":        text(set.Region),
		"topology":      text(string(set.Fleet.Topology)),
		"url":           p.balancer.url,
		"zones":         zoneNames(p.network.zones),
		"scalingGroups": groupOutputs(p.fleet),
		"loadBalancer": pulumi.Map{
			"id": p.balancer.balancer.ID(), "name": p.balancer.balancer.Name,
			"dnsName": p.balancer.address, "metricName": p.balancer.balancer.ID(),
		},
		"targetGroup": pulumi.Map{
			"id": p.balancer.pool, "name": text(poolName), "metricName": p.balancer.balancer.ID(),
		},
		"database": pulumi.Map{
			"id": p.database.server.Name, "host": p.database.server.FullyQualifiedDomainName,
			"port": pulumi.Int(set.Database.Port), "name": text(databaseName),
			"major": pulumi.Int(set.Database.Major), "multiZone": pulumi.Bool(set.Database.MultiAZ),
		},
		"release": pulumi.Map{
			"digest": text(p.release.Digest),
			"location": pulumi.Sprintf("https://%s.blob.core.windows.net/%s/%s",
				p.release.account.Name, p.release.container.Name, p.release.Key()),
		},
		"network":         pulumi.Map{"id": p.network.vnet.ID(), "cidr": text(p.network.cidr)},
		"publicSubnets":   pulumi.StringArray{},
		"resultsLocation": text(""),
		"logGroup":        p.observed.logs.Name,
		"alarms":          p.observed.alarms.ids(),
		"dashboards":      pulumi.StringArray{p.observed.dashboard.address},
		"faultTemplates":  pulumi.StringArray{},
	}
}

func groupOutputs(groups []group) pulumi.Array {
	list := make(pulumi.Array, len(groups))
	for i, g := range groups {
		list[i] = pulumi.Map{
			"name": g.Name, "zones": zoneNames(g.zones),
			"min": pulumi.Int(g.min), "max": pulumi.Int(g.max),
		}
	}
	return list
}

func zoneNames(zones []zone) pulumi.StringArray {
	names := make(pulumi.StringArray, len(zones))
	for i, z := range zones {
		names[i] = pulumi.String(z.name)
	}
	return names
}
