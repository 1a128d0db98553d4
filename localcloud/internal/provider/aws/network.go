package aws

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"orchard/localcloud/internal/provider"
)

const (
	likeCIDR   = `^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$`
	sayingCIDR = "an IPv4 range such as 10.0.0.0/16"
	noIPv6     = "its networks are IPv4"
)

func networkTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeVpc: {
			Properties: properties{
				"cidrBlock":                        text().Needed().Replaces().Like(likeCIDR, sayingCIDR),
				"enableDnsHostnames":               flag().Or(false).NoEffect(),
				"enableDnsSupport":                 flag().Or(true).NoEffect(),
				"enableNetworkAddressUsageMetrics": flag().NoEffect(),
				"instanceTenancy":                  text().OneOf("default", "dedicated").Or("default").NoEffect(),
				"assignGeneratedIpv6CidrBlock":     flag().OnlyHere(false, noIPv6),
				"tags":                             tags(),
			},
			Computed: []string{
				"arn", "defaultNetworkAclId", "defaultRouteTableId", "defaultSecurityGroupId",
				"dhcpOptionsId", "mainRouteTableId", "ownerId", "tagsAll",
			},
			Moves: tagsMove(), Check: checkVpc, Compute: computeVpc, Leave: leaveVpc,
		},
		typeInternetGateway: {
			Properties: properties{"vpcId": text(), "tags": tags()},
			Computed:   []string{"arn", "ownerId", "tagsAll"},
			Moves:      tagsMove(), Compute: computeInternetGateway,
		},
		typeSubnet: {
			Properties: properties{
				"vpcId":                                text().Needed().Replaces(),
				"cidrBlock":                            text().Needed().Replaces().Like(likeCIDR, sayingCIDR),
				"availabilityZone":                     text().Needed().Replaces(),
				"mapPublicIpOnLaunch":                  flag().Or(false),
				"assignIpv6AddressOnCreation":          flag().OnlyHere(false, noIPv6),
				"privateDnsHostnameTypeOnLaunch":       text().OneOf("ip-name", "resource-name").Or("ip-name").NoEffect(),
				"enableResourceNameDnsARecordOnLaunch": flag().NoEffect(),
				"tags":                                 tags(),
			},
			Computed: []string{"arn", "availabilityZoneId", "ownerId", "tagsAll"},
			Moves:    tagsMove(), Compute: computeSubnet,
		},
		typeFlowLog: flowLogType(),
		typeEip: {
			Properties: properties{"domain": text().OneOf("vpc").Or("vpc").Replaces(), "tags": tags()},
			Computed:   []string{"allocationId", "arn", "associationId", "privateIp", "publicDns", "publicIp", "tagsAll"},
			Moves:      tagsMove(), Compute: computeEip,
		},
		typeNatGateway: {
			Properties: properties{
				"allocationId":     text().Needed().Replaces(),
				"subnetId":         text().Needed().Replaces(),
				"connectivityType": text().Or("public").Replaces().OnlyHere("public", "a private gateway leads nowhere"),
				"tags":             tags(),
			},
			Computed: []string{"associationId", "networkInterfaceId", "privateIp", "publicIp", "tagsAll"},
			Moves:    tagsMove(), Compute: computeNatGateway,
		},
	}
}

func checkVpc(in provider.Inputs) failures {
	if !in.Known("cidrBlock") {
		return nil
	}
	p, err := netip.ParsePrefix(in.Text("cidrBlock"))
	if err != nil || p.Bits() < 16 || p.Bits() > 28 || p.Masked() != p {
		return refuse("cidrBlock", "is %q, must be a network range of /16 to /28", in.Text("cidrBlock"))
	}
	return nil
}

func computeVpc(req request) (result, error) {
	id := newID(req, "vpc")
	table := kept(req, "mainRouteTableId", func() string { return "rtb-" + hexes(17) })
	return answer(req, id, map[string]any{
		"arn":                    arn("ec2", region(req), "vpc/"+id),
		"defaultNetworkAclId":    kept(req, "defaultNetworkAclId", func() string { return "acl-" + hexes(17) }),
		"defaultRouteTableId":    table,
		"mainRouteTableId":       table,
		"defaultSecurityGroupId": kept(req, "defaultSecurityGroupId", func() string { return "sg-" + hexes(17) }),
		"dhcpOptionsId":          kept(req, "dhcpOptionsId", func() string { return "dopt-" + hexes(17) }),
		"ownerId":                Account,
	}), nil
}

func leaveVpc(req request) error {
	for _, typ := range []string{typeSubnet, typeInternetGateway, typeSecurityGroup, typeNetworkAcl, typeRouteTable, typeVpcEndpoint} {
		for _, r := range each(req.World.Resources(), typ) {
			if outs(r).Text("vpcId") == req.Prev.ID {
				return fmt.Errorf("DependencyViolation: The vpc '%s' has dependencies and cannot be deleted: %s", req.Prev.ID, r.ID)
			}
		}
	}
	return nil
}

func computeInternetGateway(req request) (result, error) {
	if vpc := req.Inputs.Text("vpcId"); vpc != "" {
		if _, err := needVpc(req.World, vpc); err != nil {
			return result{}, err
		}
	}
	id := newID(req, "igw")
	return answer(req, id, map[string]any{
		"arn": arn("ec2", region(req), "internet-gateway/"+id), "ownerId": Account,
	}), nil
}

func computeSubnet(req request) (result, error) {
	vpc, err := needVpc(req.World, req.Inputs.Text("vpcId"))
	if err != nil {
		return result{}, err
	}
	zone := req.Inputs.Text("availabilityZone")
	if zones := Zones(region(req)); !slices.Contains(zones, zone) {
		return result{}, fmt.Errorf("InvalidParameterValue: Value (%s) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: %s", zone, strings.Join(zones, ", "))
	}
	if err := freeRange(req, outs(vpc).Text("cidrBlock")); err != nil {
		return result{}, err
	}
	id := newID(req, "subnet")
	return answer(req, id, map[string]any{
		"arn": arn("ec2", region(req), "subnet/"+id), "availabilityZoneId": zoneID(zone), "ownerId": Account,
	}), nil
}

// freeRange says whether a subnet's range lies in its network and meets no
// other subnet of it.
func freeRange(req request, network string) error {
	cidr := req.Inputs.Text("cidrBlock")
	own, err := netip.ParsePrefix(cidr)
	if err != nil || !covers(network, cidr) {
		return fmt.Errorf("InvalidSubnet.Range: The CIDR '%s' is invalid: it is not within the network's %s", cidr, network)
	}
	for _, r := range others(req, typeSubnet) {
		if outs(r).Text("vpcId") != req.Inputs.Text("vpcId") {
			continue
		}
		if other, err := netip.ParsePrefix(outs(r).Text("cidrBlock")); err == nil && own.Overlaps(other) {
			return fmt.Errorf("InvalidSubnet.Conflict: The CIDR '%s' conflicts with another subnet: %s", cidr, r.ID)
		}
	}
	return nil
}

// covers says whether one IPv4 range lies within another.
func covers(outer, inner string) bool {
	o, err1 := netip.ParsePrefix(outer)
	i, err2 := netip.ParsePrefix(inner)
	return err1 == nil && err2 == nil && o.Bits() <= i.Bits() && o.Contains(i.Addr())
}

func computeEip(req request) (result, error) {
	id := newID(req, "eipalloc")
	// 203.0.113.0/24 is reserved for documentation.
	ip := kept(req, "publicIp", func() string { return fmt.Sprintf("203.0.113.%d", 1+len(others(req, typeEip))%254) })
	return answer(req, id, map[string]any{
		"allocationId": id, "arn": arn("ec2", region(req), "elastic-ip/"+id), "publicIp": ip, "associationId": "", "privateIp": "",
		"publicDns": fmt.Sprintf("ec2-%s.%s.compute.amazonaws.com", strings.ReplaceAll(ip, ".", "-"), region(req)),
	}), nil
}

func computeNatGateway(req request) (result, error) {
	subnet, err := needSubnet(req.World, req.Inputs.Text("subnetId"))
	if err != nil {
		return result{}, err
	}
	eip, ok := found(req.World, typeEip, req.Inputs.Text("allocationId"))
	if !ok {
		return result{}, fmt.Errorf("InvalidAllocationID.NotFound: The allocation ID '%s' does not exist", req.Inputs.Text("allocationId"))
	}
	vpc := outs(subnet).Text("vpcId")
	if _, ok := internetGateway(req.World, vpc); !ok {
		return result{}, fmt.Errorf("Gateway.NotAttached: Network %s has no Internet gateway attached", vpc)
	}
	private := ""
	if p, err := netip.ParsePrefix(outs(subnet).Text("cidrBlock")); err == nil {
		private = p.Addr().Next().Next().Next().Next().String()
	}
	return answer(req, newID(req, "nat"), map[string]any{
		"publicIp": outs(eip).Text("publicIp"), "privateIp": private,
		"networkInterfaceId": kept(req, "networkInterfaceId", func() string { return "eni-" + hexes(17) }),
		"associationId":      kept(req, "associationId", func() string { return "eipassoc-" + hexes(17) }),
	}), nil
}
