package awsstack

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// declareRunnerNetwork is the public tier alone. What a node sends leaves by
// its own public address: through a NAT gateway each gigabyte would be paid
// for, and a load runner sends many. This is a waiver of EC2.25, which wants
// no public address in a launch template; nothing is let in (see
// declareRunnerSecurity).
func declareRunnerNetwork(s scope, cidr, region string, zones []string) (network, error) {
	n, err := declareVpc(s, cidr)
	if err != nil {
		return network{}, err
	}
	for index, zone := range zones {
		subnet, err := n.declareSubnet(s, "public-"+zone, zone, publicTier+index)
		if err != nil {
			return network{}, err
		}
		n.zones = append(n.zones, zoneNetwork{zone: zone, public: subnet})
	}
	gateway, err := n.declareGateway(s)
	if err != nil {
		return network{}, err
	}
	table, err := n.declarePublicRoutes(s, gateway)
	if err != nil {
		return network{}, err
	}
	if err := n.declareACL(s, "public", n.subnetIDs(publicSubnet), fromWorld()); err != nil {
		return network{}, err
	}
	return n, n.declareStoreEndpoint(s, region, pulumi.StringArray{table.ID()})
}
