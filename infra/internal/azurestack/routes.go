package azurestack

import (
	armnetwork "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// declareWayOut gives the application subnet a NAT gateway. It lies in one
// zone, whose loss ends the way out of all three; an instance boots and
// serves without it, because release, certificate, tokens and database are
// reached otherwise. Its address is in all zones, so that it can be given to a
// gateway in another one. Subnets have a table of their own accord.
func declareWayOut(s scope, zones []zone) (*armnetwork.NatGateway, error) {
	address, err := declareAddress(s, "nat", zones)
	if err != nil {
		return nil, err
	}
	return armnetwork.NewNatGateway(s.Context, "nat", &armnetwork.NatGatewayArgs{
		ResourceGroupName: s.group.Name,
		Location:          s.location,
		Sku:               armnetwork.NatGatewaySkuArgs{Name: pulumi.String("Standard")},
		Zones:             zoneNumbers(zones[:1]),
		PublicIpAddresses: armnetwork.SubResourceArray{armnetwork.SubResourceArgs{Id: address.ID()}},
		Tags:              s.named("nat"),
	}, s.on)
}

// declareAddress gives a fixed public address in the zones.
func declareAddress(s scope, name string, zones []zone) (*armnetwork.PublicIPAddress, error) {
	return armnetwork.NewPublicIPAddress(s.Context, name, &armnetwork.PublicIPAddressArgs{
		ResourceGroupName: s.group.Name,
		Location:          s.location,
		Sku: armnetwork.PublicIPAddressSkuArgs{
			Name: pulumi.String("Standard"), Tier: pulumi.String("Regional"),
		},
		PublicIPAllocationMethod: pulumi.String("Static"),
		PublicIPAddressVersion:   pulumi.String("IPv4"),
		Zones:                    zoneNumbers(zones),
		Tags:                     s.named(name),
	}, s.on)
}

func zoneNumbers(zones []zone) pulumi.StringArray {
	numbers := make(pulumi.StringArray, len(zones))
	for i, z := range zones {
		numbers[i] = pulumi.String(z.number)
	}
	return numbers
}
