package awsstack

import (
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/settings"
)

const anywhere = "0.0.0.0/0"

// network is three tiers over three zones. Only the public tier has a route
// from the internet, the application tier has one out through its own zone's
// NAT gateway, and the database tier has none.
type network struct {
	vpc   *ec2.Vpc
	cidr  string
	zones []zoneNetwork
	// store leads to S3.
	store *ec2.VpcEndpoint
	// egress must exist before an instance can fetch anything.
	egress []pulumi.Resource
}

// zoneNetwork is one zone's subnets.
type zoneNetwork struct {
	zone                  string
	public, app, database *ec2.Subnet
}

// The tiers' places in the network: each subnet is a /20, and a tier has room
// for four zones.
const (
	publicTier = iota * 4
	appTier
	databaseTier
)

func declareNetwork(s scope, set settings.Settings, zones []string) (network, error) {
	n, err := declareVpc(s, set.Network.CIDR)
	if err != nil {
		return network{}, err
	}
	for index, zone := range zones {
		subnets, err := n.declareSubnets(s, zone, index)
		if err != nil {
			return network{}, err
		}
		n.zones = append(n.zones, subnets)
	}
	if err := n.declareRoutes(s, set.Region); err != nil {
		return network{}, err
	}
	return n, n.declareACLs(s, set.Listener.Port, set.Database.Port)
}

// declareVpc is a network without subnets.
func declareVpc(s scope, cidr string) (network, error) {
	vpc, err := ec2.NewVpc(s.Context, "network", &ec2.VpcArgs{
		CidrBlock:          pulumi.String(cidr),
		EnableDnsHostnames: pulumi.Bool(true),
		EnableDnsSupport:   pulumi.Bool(true),
		Tags:               s.named("network"),
	}, s.on)
	if err != nil {
		return network{}, err
	}
	// Without rules here, what forgets to name a security group reaches nothing.
	_, err = ec2.NewDefaultSecurityGroup(s.Context, "closed", &ec2.DefaultSecurityGroupArgs{
		VpcId: vpc.ID(), Tags: s.named("closed"),
	}, s.on)
	if err != nil {
		return network{}, err
	}
	n := network{vpc: vpc, cidr: cidr}
	return n, n.closeDefaultACL(s)
}

func (n *network) declareSubnets(s scope, zone string, index int) (z zoneNetwork, err error) {
	z.zone = zone
	if z.public, err = n.declareSubnet(s, "public-"+zone, zone, publicTier+index); err != nil {
		return z, err
	}
	if z.app, err = n.declareSubnet(s, "app-"+zone, zone, appTier+index); err != nil {
		return z, err
	}
	z.database, err = n.declareSubnet(s, "database-"+zone, zone, databaseTier+index)
	return z, err
}

func (n *network) declareSubnet(s scope, name, zone string, place int) (*ec2.Subnet, error) {
	cidr, err := subnetRange(n.cidr, place)
	if err != nil {
		return nil, err
	}
	return ec2.NewSubnet(s.Context, name, &ec2.SubnetArgs{
		VpcId:               n.vpc.ID(),
		AvailabilityZone:    pulumi.String(zone),
		CidrBlock:           pulumi.String(cidr),
		MapPublicIpOnLaunch: pulumi.Bool(false),
		Tags:                s.named(name),
	}, s.on)
}

// subnetRange is the place-th /20 of a /16, counted from 0.
func subnetRange(cidr string, place int) (string, error) {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil || prefix.Bits() != 16 || place < 0 || place > 15 {
		return "", fmt.Errorf("cut subnet %d of %s: it is no /16 or has only 16 subnets", place, cidr)
	}
	address := prefix.Addr().As4()
	address[2] = byte(place << 4)
	return netip.PrefixFrom(netip.AddrFrom4(address), 20).String(), nil
}

// subnetIDs gives one tier's subnets in the order of the zones.
func (n network) subnetIDs(tier func(zoneNetwork) *ec2.Subnet) pulumi.StringArray {
	ids := make(pulumi.StringArray, len(n.zones))
	for i, z := range n.zones {
		ids[i] = tier(z).ID()
	}
	return ids
}

func appSubnet(z zoneNetwork) *ec2.Subnet      { return z.app }
func publicSubnet(z zoneNetwork) *ec2.Subnet   { return z.public }
func databaseSubnet(z zoneNetwork) *ec2.Subnet { return z.database }
