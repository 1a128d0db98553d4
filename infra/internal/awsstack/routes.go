package awsstack

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// declareRoutes gives every subnet its table. A zone's way out is its own, so
// that no zone depends on another.
func (n *network) declareRoutes(s scope, region string) error {
	gateway, err := n.declareGateway(s)
	if err != nil {
		return err
	}
	if _, err := n.declarePublicRoutes(s, gateway); err != nil {
		return err
	}
	var tables pulumi.StringArray
	for _, zone := range n.zones {
		table, err := n.declareWayOut(s, zone, gateway)
		if err != nil {
			return err
		}
		tables = append(tables, table.ID())
	}
	if err := n.declareDatabaseRoutes(s); err != nil {
		return err
	}
	return n.declareStoreEndpoint(s, region, tables)
}

func (n *network) declareGateway(s scope) (*ec2.InternetGateway, error) {
	return ec2.NewInternetGateway(s.Context, "internet", &ec2.InternetGatewayArgs{
		VpcId: n.vpc.ID(), Tags: s.named("internet"),
	}, s.on)
}

func (n *network) declarePublicRoutes(s scope, gateway *ec2.InternetGateway) (*ec2.RouteTable, error) {
	table, err := n.declareTable(s, "public")
	if err != nil {
		return nil, err
	}
	route, err := ec2.NewRoute(s.Context, "public", &ec2.RouteArgs{
		RouteTableId:         table.ID(),
		DestinationCidrBlock: pulumi.String(anywhere),
		GatewayId:            gateway.ID(),
	}, s.on)
	if err != nil {
		return nil, err
	}
	n.egress = append(n.egress, route)
	for _, z := range n.zones {
		if err := n.associate(s, "public-"+z.zone, table, z.public); err != nil {
			return nil, err
		}
	}
	return table, nil
}

// declareWayOut gives one zone's application subnet a NAT gateway and a
// table of its own.
func (n *network) declareWayOut(s scope, z zoneNetwork, gateway *ec2.InternetGateway) (*ec2.RouteTable, error) {
	address, err := ec2.NewEip(s.Context, "nat-"+z.zone, &ec2.EipArgs{
		Domain: pulumi.String("vpc"), Tags: s.named("nat-" + z.zone),
	}, s.on, pulumi.DependsOn([]pulumi.Resource{gateway}))
	if err != nil {
		return nil, err
	}
	nat, err := ec2.NewNatGateway(s.Context, "nat-"+z.zone, &ec2.NatGatewayArgs{
		AllocationId: address.ID(),
		SubnetId:     z.public.ID(),
		Tags:         s.named("nat-" + z.zone),
	}, s.on, pulumi.DependsOn([]pulumi.Resource{gateway}))
	if err != nil {
		return nil, err
	}
	table, err := n.declareTable(s, "app-"+z.zone)
	if err != nil {
		return nil, err
	}
	route, err := ec2.NewRoute(s.Context, "app-"+z.zone, &ec2.RouteArgs{
		RouteTableId:         table.ID(),
		DestinationCidrBlock: pulumi.String(anywhere),
		NatGatewayId:         nat.ID(),
	}, s.on)
	if err != nil {
		return nil, err
	}
	n.egress = append(n.egress, nat, route)
	return table, n.associate(s, "app-"+z.zone, table, z.app)
}

// declareDatabaseRoutes leaves the table empty: the tier reaches the network
// itself and nothing else.
func (n *network) declareDatabaseRoutes(s scope) error {
	table, err := n.declareTable(s, "database")
	if err != nil {
		return err
	}
	for _, z := range n.zones {
		if err := n.associate(s, "database-"+z.zone, table, z.database); err != nil {
			return err
		}
	}
	return nil
}

// declareStoreEndpoint leads S3 past the NAT gateways: it is free and does
// not depend on a zone.
func (n *network) declareStoreEndpoint(s scope, region string, tables pulumi.StringArray) error {
	endpoint, err := ec2.NewVpcEndpoint(s.Context, "s3", &ec2.VpcEndpointArgs{
		VpcId:           n.vpc.ID(),
		ServiceName:     pulumi.String("com.amazonaws." + region + ".s3"),
		VpcEndpointType: pulumi.String("Gateway"),
		RouteTableIds:   tables,
		Tags:            s.named("s3"),
	}, s.on)
	n.store, n.egress = endpoint, append(n.egress, endpoint)
	return err
}

func (n *network) declareTable(s scope, name string) (*ec2.RouteTable, error) {
	return ec2.NewRouteTable(s.Context, name, &ec2.RouteTableArgs{
		VpcId: n.vpc.ID(), Tags: s.named(name),
	}, s.on)
}

func (n *network) associate(s scope, name string, table *ec2.RouteTable, subnet *ec2.Subnet) error {
	association, err := ec2.NewRouteTableAssociation(s.Context, name, &ec2.RouteTableAssociationArgs{
		RouteTableId: table.ID(), SubnetId: subnet.ID(),
	}, s.on)
	n.egress = append(n.egress, association)
	return err
}
