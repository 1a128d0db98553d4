package azurestack

import (
	"fmt"
	"net/netip"

	armnetwork "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// network is two tiers over three zones: a subnet spans zones here, and the
// load balancer needs none. Only the application tier has a way out, through
// the NAT gateway and, to the release, past it; the database tier has none.
type network struct {
	vnet          *armnetwork.VirtualNetwork
	cidr          string
	zones         []zone
	app, database pulumi.StringOutput
	// egress must exist before an instance can fetch anything.
	egress []pulumi.Resource
}

// The tiers' places in the network: each is a /18, of which the public one
// is left free.
const (
	publicTier = iota
	appTier
	databaseTier
)

func declareNetwork(s scope, cidr string, sec security, zones []zone) (network, error) {
	nat, err := declareWayOut(s, zones)
	if err != nil {
		return network{}, err
	}
	app, err := appSubnet(cidr, sec, nat)
	if err != nil {
		return network{}, err
	}
	database, err := databaseSubnet(cidr, sec)
	if err != nil {
		return network{}, err
	}
	vnet, err := declareVnet(s, cidr, armnetwork.SubnetTypeArray{app, database})
	if err != nil {
		return network{}, err
	}
	return network{
		vnet: vnet, cidr: cidr, zones: zones,
		app: subnetID(vnet, "app"), database: subnetID(vnet, "database"),
		egress: []pulumi.Resource{nat, vnet},
	}, nil
}

func declareVnet(s scope, cidr string, subnets armnetwork.SubnetTypeArray) (*armnetwork.VirtualNetwork, error) {
	return armnetwork.NewVirtualNetwork(s.Context, "network", &armnetwork.VirtualNetworkArgs{
		ResourceGroupName: s.group.Name,
		Location:          s.location,
		AddressSpace:      armnetwork.AddressSpaceArgs{AddressPrefixes: pulumi.ToStringArray([]string{cidr})},
		Subnets:           subnets,
		Tags:              s.named("network"),
	}, s.on)
}

// appSubnet reaches the release past the NAT gateway: the service endpoint is
// free and does not depend on a zone.
func appSubnet(cidr string, sec security, nat *armnetwork.NatGateway) (armnetwork.SubnetTypeArgs, error) {
	subnet, err := subnetArgs(cidr, "app", appTier, sec.app)
	subnet.NatGateway = armnetwork.SubResourceArgs{Id: nat.ID()}
	subnet.ServiceEndpoints = endpoints("Microsoft.Storage", "Microsoft.KeyVault")
	return subnet, err
}

// databaseSubnet is the database servers' alone. They archive to storage.
func databaseSubnet(cidr string, sec security) (armnetwork.SubnetTypeArgs, error) {
	subnet, err := subnetArgs(cidr, "database", databaseTier, sec.database)
	subnet.Delegations = armnetwork.DelegationArray{armnetwork.DelegationArgs{
		Name: pulumi.String("database"), ServiceName: pulumi.String("Microsoft.DBforPostgreSQL/flexibleServers"),
	}}
	subnet.ServiceEndpoints = endpoints("Microsoft.Storage")
	return subnet, err
}

// endpoints lead to services of Azure without the NAT gateway, whose zone may
// be lost.
func endpoints(services ...string) armnetwork.ServiceEndpointPropertiesFormatArray {
	var list armnetwork.ServiceEndpointPropertiesFormatArray
	for _, service := range services {
		list = append(list, armnetwork.ServiceEndpointPropertiesFormatArgs{Service: pulumi.String(service)})
	}
	return list
}

func subnetArgs(cidr, name string, tier int, group *armnetwork.NetworkSecurityGroup) (armnetwork.SubnetTypeArgs, error) {
	prefix, err := tierRange(cidr, tier)
	return armnetwork.SubnetTypeArgs{
		Name:                  pulumi.String(name),
		AddressPrefix:         pulumi.String(prefix),
		DefaultOutboundAccess: pulumi.Bool(false),
		NetworkSecurityGroup:  armnetwork.NetworkSecurityGroupTypeArgs{Id: group.ID()},
	}, err
}

// tierRange is the tier-th /18 of a /16, counted from 0.
func tierRange(cidr string, tier int) (string, error) {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil || prefix.Bits() != 16 || tier < 0 || tier > 3 {
		return "", fmt.Errorf("cut tier %d of %s: it is no /16 or has only 4 tiers", tier, cidr)
	}
	address := prefix.Addr().As4()
	address[2] = byte(tier << 6)
	return netip.PrefixFrom(netip.AddrFrom4(address), 18).String(), nil
}

// subnetID is put together by hand, because an inline subnet has no resource.
func subnetID(vnet *armnetwork.VirtualNetwork, name string) pulumi.StringOutput {
	return pulumi.Sprintf("%s/subnets/%s", vnet.ID(), name)
}
