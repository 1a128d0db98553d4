package azurestack

import (
	armnetwork "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// runnerNetwork is the public tier alone.
type runnerNetwork struct {
	vnet  *armnetwork.VirtualNetwork
	cidr  string
	zones []zone
	node  pulumi.StringOutput
}

// declareRunnerNetwork has no NAT gateway. What a node sends leaves by its own
// public address: through a NAT gateway each gigabyte would be paid for, and a
// load runner sends many. This is the waiver that EC2.25 needs on the other
// cloud: a machine with a public address, to which nothing is let in.
func declareRunnerNetwork(s scope, cidr string, sec runnerSecurity, zones []zone) (runnerNetwork, error) {
	subnet, err := subnetArgs(cidr, "node", publicTier, sec.node)
	if err != nil {
		return runnerNetwork{}, err
	}
	subnet.ServiceEndpoints = endpoints("Microsoft.Storage")
	vnet, err := declareVnet(s, cidr, armnetwork.SubnetTypeArray{subnet})
	if err != nil {
		return runnerNetwork{}, err
	}
	return runnerNetwork{vnet: vnet, cidr: cidr, zones: zones, node: subnetID(vnet, "node")}, nil
}
