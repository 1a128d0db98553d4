package awsstack

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/outputs"
	"orchard/infra/internal/settings"
)

// outputMap fills the contract of package outputs.
func outputMap(set settings.Settings, p parts) pulumi.Map {
	text := func(value string) pulumi.String { return pulumi.String(value) }
	return pulumi.Map{
		"schemaVersion": pulumi.Int(outputs.SchemaVersion),
		"cloud":         text(string(settings.AWS)),
		"region":        text(set.Region),
		"topology":      text(string(set.Fleet.Topology)),
		"url":           p.balancer.url,
		"zones":         zoneNames(p.network.zones),
		"scalingGroups": groupOutputs(p.fleet),
		"loadBalancer": pulumi.Map{
			"id": p.balancer.balancer.Arn, "name": p.balancer.balancer.Name,
			"dnsName": p.balancer.balancer.DnsName, "metricName": p.balancer.balancer.ArnSuffix,
		},
		"targetGroup": pulumi.Map{
			"id": p.balancer.targets.Arn, "name": p.balancer.targets.Name,
			"metricName": p.balancer.targets.ArnSuffix,
		},
		"database": pulumi.Map{
			"id": p.database.instance.Identifier, "host": p.database.instance.Address,
			"port": p.database.instance.Port, "name": text(databaseName),
			"major": pulumi.Int(set.Database.Major), "multiZone": pulumi.Bool(set.Database.MultiAZ),
		},
		"release": pulumi.Map{
			"digest":   text(p.release.Digest),
			"location": pulumi.Sprintf("s3://%s/%s", p.release.bucket.ID(), p.release.Key()),
		},
		"network":         pulumi.Map{"id": p.network.vpc.ID(), "cidr": text(p.network.cidr)},
		"publicSubnets":   p.network.subnetIDs(publicSubnet),
		"resultsLocation": text(""),
		"logGroup":        p.observed.logs.Name,
		"alarms":          p.observed.alarms.arns(),
		"dashboards":      pulumi.StringArray{text(p.observed.dashboard.address)},
		"faultTemplates":  p.observed.faults,
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

func zoneNames(zones []zoneNetwork) pulumi.StringArray {
	names := make(pulumi.StringArray, len(zones))
	for i, z := range zones {
		names[i] = pulumi.String(z.zone)
	}
	return names
}
