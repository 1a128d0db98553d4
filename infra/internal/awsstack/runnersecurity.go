package awsstack

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/servicestack"
)

// runnerSecurity is the group of the nodes. It lets nothing in, and out to
// the service's port and to S3 alone.
type runnerSecurity struct {
	node *ec2.SecurityGroup
	// rules must exist before a node can boot and send.
	rules []pulumi.Resource
}

func declareRunnerSecurity(s scope, n network, service servicestack.Service) (runnerSecurity, error) {
	node, err := ec2.NewSecurityGroup(s.Context, "node", &ec2.SecurityGroupArgs{
		VpcId:       n.vpc.ID(),
		Description: pulumi.String("What reaches a node of the load runner: nothing."),
		Tags:        s.named("node"),
	}, s.on)
	if err != nil {
		return runnerSecurity{}, err
	}
	sec := runnerSecurity{node: node}
	for _, r := range []struct {
		name string
		args vpc.SecurityGroupEgressRuleArgs
	}{
		{"node-service", vpc.SecurityGroupEgressRuleArgs{
			Description: pulumi.String("Node to the service."),
			FromPort:    service.Port, ToPort: service.Port, CidrIpv4: pulumi.String(anywhere),
		}},
		{"node-store", vpc.SecurityGroupEgressRuleArgs{
			Description: pulumi.String("Node to release, write token and results."),
			FromPort:    pulumi.Int(443), ToPort: pulumi.Int(443), PrefixListId: n.store.PrefixListId,
		}},
	} {
		r.args.SecurityGroupId, r.args.IpProtocol = node.ID(), pulumi.String("tcp")
		rule, err := vpc.NewSecurityGroupEgressRule(s.Context, r.name, &r.args, s.on)
		if err != nil {
			return runnerSecurity{}, err
		}
		sec.rules = append(sec.rules, rule)
	}
	return sec, nil
}
