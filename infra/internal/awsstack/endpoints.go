package awsstack

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/settings"
)

// privateServices are those that a production-sized stack asks without leaving
// its network: what Security Hub looks for (EC2.10, EC2.57). Each costs by the
// hour in each zone, so a small stack asks them through its NAT gateways, as
// every stack does the other services.
var privateServices = []string{"ec2", "ssm"}

// declareEndpoints gives a production-sized stack interfaces of its own to
// privateServices, one in each zone's application subnet.
func declareEndpoints(s scope, set settings.Settings, n network) error {
	if set.Size != settings.Production {
		return nil
	}
	group, err := ec2.NewSecurityGroup(s.Context, "endpoints", &ec2.SecurityGroupArgs{
		VpcId:       n.vpc.ID(),
		Description: pulumi.String("What reaches the endpoints of AWS services."),
		Tags:        s.named("endpoints"),
	}, s.on)
	if err != nil {
		return err
	}
	_, err = vpc.NewSecurityGroupIngressRule(s.Context, "endpoints-network", &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: group.ID(),
		Description:     pulumi.String("The network to services over TLS."),
		IpProtocol:      pulumi.String("tcp"), FromPort: pulumi.Int(443), ToPort: pulumi.Int(443),
		CidrIpv4: pulumi.String(n.cidr),
	}, s.on)
	if err != nil {
		return err
	}
	for _, service := range privateServices {
		_, err := ec2.NewVpcEndpoint(s.Context, service, &ec2.VpcEndpointArgs{
			VpcId:             n.vpc.ID(),
			ServiceName:       pulumi.String("com.amazonaws." + set.Region + "." + service),
			VpcEndpointType:   pulumi.String("Interface"),
			SubnetIds:         n.subnetIDs(appSubnet),
			SecurityGroupIds:  pulumi.StringArray{group.ID()},
			PrivateDnsEnabled: pulumi.Bool(true),
			Tags:              s.named(service),
		}, s.on)
		if err != nil {
			return err
		}
	}
	return nil
}
