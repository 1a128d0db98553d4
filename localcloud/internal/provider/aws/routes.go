package aws

import (
	"fmt"

	"orchard/localcloud/internal/provider"
)

func routeTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeRouteTable: {
			Properties: properties{"vpcId": text().Needed().Replaces(), "tags": tags()},
			Computed:   []string{"arn", "ownerId", "tagsAll"},
			Moves:      tagsMove(), Compute: computeRouteTable,
		},
		typeRoute: {
			Properties: properties{
				"routeTableId":         text().Needed().Replaces(),
				"destinationCidrBlock": text().Needed().Replaces().Like(likeCIDR, sayingCIDR),
				"gatewayId":            text().Not("natGatewayId"),
				"natGatewayId":         text(),
			},
			Computed: []string{"instanceId", "instanceOwnerId", "origin", "state"},
			Check:    checkRoute, Compute: computeRoute,
		},
		typeAssociation: {
			Properties: properties{"routeTableId": text().Needed(), "subnetId": text().Needed().Replaces()},
			Compute:    computeAssociation,
		},
		typeVpcEndpoint: {
			Properties: properties{
				"vpcId":             text().Needed().Replaces(),
				"serviceName":       text().Needed().Replaces(),
				"vpcEndpointType":   text().Or("Gateway").Replaces().OneOf("Gateway", "Interface"),
				"routeTableIds":     texts(),
				"subnetIds":         texts(),
				"securityGroupIds":  texts(),
				"privateDnsEnabled": flag(),
				"autoAccept":        flag().NoEffect(),
				"tags":              tags(),
			},
			Computed: []string{
				"arn", "cidrBlocks", "dnsEntries", "networkInterfaceIds", "ownerId", "policy",
				"prefixListId", "requesterManaged", "state", "tagsAll",
			},
			Moves: tagsMove(), Check: checkVpcEndpoint, Compute: computeVpcEndpoint,
		},
	}
}

func computeRouteTable(req request) (result, error) {
	if _, err := needVpc(req.World, req.Inputs.Text("vpcId")); err != nil {
		return result{}, err
	}
	id := newID(req, "rtb")
	return answer(req, id, map[string]any{"arn": arn("ec2", region(req), "route-table/"+id), "ownerId": Account}), nil
}

func checkRoute(in provider.Inputs) failures {
	if !in.Has("gatewayId") && !in.Has("natGatewayId") {
		return refuse("gatewayId", "a route needs a gatewayId or a natGatewayId")
	}
	return nil
}

func computeRoute(req request) (result, error) {
	table, err := needRouteTable(req.World, req.Inputs.Text("routeTableId"))
	if err != nil {
		return result{}, err
	}
	if err := routeTarget(req, outs(table).Text("vpcId")); err != nil {
		return result{}, err
	}
	cidr := req.Inputs.Text("destinationCidrBlock")
	for _, r := range others(req, typeRoute) {
		if outs(r).Text("routeTableId") == table.ID && outs(r).Text("destinationCidrBlock") == cidr {
			return result{}, fmt.Errorf("RouteAlreadyExists: The route identified by %s already exists", cidr)
		}
	}
	id := keptID(req, func() string { return "r-" + table.ID + provider.Digest(cidr)[:10] })
	return answer(req, id, map[string]any{"origin": "CreateRoute", "state": "active", "instanceId": "", "instanceOwnerId": ""}), nil
}

// routeTarget says whether the gateway of a route is there, in the network of
// the route's table.
func routeTarget(req request, vpc string) error {
	if nat := req.Inputs.Text("natGatewayId"); nat != "" {
		if _, ok := found(req.World, typeNatGateway, nat); !ok {
			return fmt.Errorf("InvalidNatGatewayID.NotFound: The natGateway ID '%s' does not exist", nat)
		}
		return nil
	}
	id := req.Inputs.Text("gatewayId")
	gateway, ok := found(req.World, typeInternetGateway, id)
	if !ok {
		return fmt.Errorf("InvalidGatewayID.NotFound: The gateway ID '%s' does not exist", id)
	}
	if outs(gateway).Text("vpcId") != vpc {
		return fmt.Errorf("InvalidParameterValue: route table %s and network gateway %s belong to different networks", req.Inputs.Text("routeTableId"), id)
	}
	return nil
}

func computeAssociation(req request) (result, error) {
	table, err := needRouteTable(req.World, req.Inputs.Text("routeTableId"))
	if err != nil {
		return result{}, err
	}
	subnet, err := needSubnet(req.World, req.Inputs.Text("subnetId"))
	if err != nil {
		return result{}, err
	}
	if outs(table).Text("vpcId") != outs(subnet).Text("vpcId") {
		return result{}, fmt.Errorf("InvalidParameterValue: Route table %s and subnet %s belong to different networks", table.ID, subnet.ID)
	}
	for _, r := range others(req, typeAssociation) {
		if outs(r).Text("subnetId") == subnet.ID {
			return result{}, fmt.Errorf("Resource.AlreadyAssociated: the specified association for route table %s conflicts with an existing association", table.ID)
		}
	}
	return answer(req, newID(req, "rtbassoc"), map[string]any{}), nil
}
