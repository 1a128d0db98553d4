package outputs

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// Empty has every key of the contract, as a stack has it that declares
// nothing of the kind: for a stack that is no service to fill in.
func Empty() pulumi.Map {
	none := pulumi.String("")
	return pulumi.Map{
		"schemaVersion": pulumi.Int(SchemaVersion),
		"cloud":         none, "region": none, "topology": none, "url": none,
		"zones": pulumi.StringArray{}, "scalingGroups": pulumi.Array{},
		"loadBalancer": pulumi.Map{"id": none, "name": none, "dnsName": none, "metricName": none},
		"targetGroup":  pulumi.Map{"id": none, "name": none, "metricName": none},
		"database": pulumi.Map{
			"id": none, "host": none, "port": pulumi.Int(0), "name": none, "major": pulumi.Int(0), "multiZone": pulumi.Bool(false),
		},
		"release": pulumi.Map{"digest": none, "location": none},
		"network": pulumi.Map{"id": none, "cidr": none}, "publicSubnets": pulumi.StringArray{},
		"resultsLocation": none, "logGroup": none,
		"alarms": pulumi.StringArray{}, "dashboards": pulumi.StringArray{}, "faultTemplates": pulumi.StringArray{},
	}
}
