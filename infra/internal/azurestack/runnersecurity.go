package azurestack

import (
	"strconv"

	armnetwork "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/servicestack"
)

// runnerSecurity is the group of the nodes. It lets nothing in, and out to
// the service's port and to storage alone.
type runnerSecurity struct {
	node *armnetwork.NetworkSecurityGroup
	// rules must exist before a node can boot and send.
	rules []pulumi.Resource
}

func declareRunnerSecurity(s scope, cidr string, service servicestack.Service) (runnerSecurity, error) {
	nodes, err := tierRange(cidr, publicTier)
	if err != nil {
		return runnerSecurity{}, err
	}
	node, err := declareSecurityGroup(s, "node", []rule{
		{"node-service", "Node to the service.", out, nodes, clients, service.Port.ApplyT(strconv.Itoa).(pulumi.StringOutput)},
		{"node-store", "Node to release, write token and results.", out, nodes, store, port(443)},
	})
	return runnerSecurity{node, []pulumi.Resource{node}}, err
}
