package azure

import (
	"fmt"
	"strings"

	"orchard/localcloud/internal/provider"
)

const (
	kindPrivateZone = "Microsoft.Network/privateDnsZones"
	kindNetworkLink = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"

	databaseZone = ".postgres.database.azure.com"
)

func nameTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typePrivateZone: {
			Properties: in(properties{
				"privateZoneName": name(1, 253, `^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)+$`, "a domain of at least two labels such as orchard.private.postgres.database.azure.com"),
				"location":        global(),
			}),
			Name: autoName("privateZoneName", 253),
			Computed: outputs("etag", "internalId", "maxNumberOfRecordSets", "maxNumberOfVirtualNetworkLinks",
				"maxNumberOfVirtualNetworkLinksWithRegistration", "numberOfRecordSets", "numberOfVirtualNetworkLinks",
				"numberOfVirtualNetworkLinksWithRegistration", "provisioningState"),
			Compute: computePrivateZone, Leave: leaveZone,
		},
		typeNetworkLink: {
			Properties: in(properties{
				"privateZoneName":        parent(),
				"virtualNetworkLinkName": name(1, 80, likeNetworkName, sayingNetworkName),
				"location":               global(),
				"virtualNetwork":         reference().Needed(),
				"registrationEnabled":    flag().Or(false).OnlyHere(false, "it has no records for instances"),
				"resolutionPolicy":       text().Or("Default").OneOf("Default", "NxDomainRedirect").NoEffect(),
			}),
			Name:     copiedName("virtualNetworkLinkName", 80),
			Computed: outputs("etag", "provisioningState", "virtualNetworkLinkState"),
			Compute:  computeNetworkLink,
		},
	}
}

func computePrivateZone(req request) (result, error) {
	zoneName := req.Inputs.Text("privateZoneName")
	id, err := inGroup(req, kindPrivateZone, zoneName)
	if err != nil {
		return result{}, err
	}
	return answer(id, kindPrivateZone, zoneName, map[string]any{
		"etag": kept(req, "etag", etag), "internalId": kept(req, "internalId", func() string { return hexes(32) }),
		"maxNumberOfRecordSets": 25000.0, "maxNumberOfVirtualNetworkLinks": 1000.0, "maxNumberOfVirtualNetworkLinksWithRegistration": 100.0,
		"numberOfRecordSets": 1.0, "numberOfVirtualNetworkLinks": 0.0, "numberOfVirtualNetworkLinksWithRegistration": 0.0,
		"provisioningState": "Succeeded",
	}), nil
}

// leaveZone refuses while a network is linked or a server has its name there.
func leaveZone(req request) error {
	for _, r := range each(req.World.Resources(), typeNetworkLink) {
		if Within(r.ID, req.Prev.ID) {
			return fmt.Errorf("CannotDeleteResource: Can not delete resource before nested resources are deleted: %s has the virtual network link %s", req.Prev.ID, r.ID)
		}
	}
	return leaveUsed(zoneUsers)(req)
}

func computeNetworkLink(req request) (result, error) {
	in := req.Inputs
	zone, ok := sibling(req, typePrivateZone, kindPrivateZone, in.Text("privateZoneName"))
	if !ok {
		return result{}, fmt.Errorf("ParentResourceNotFound: The private DNS zone %s of the link was not found", in.Text("privateZoneName"))
	}
	net := in.Object("virtualNetwork").Text("id")
	if _, err := need(req, typeVirtualNetwork, net); err != nil {
		return result{}, err
	}
	if err := unchanged(req, "BadRequest", "virtualNetwork"); err != nil {
		return result{}, err
	}
	for _, r := range others(req, typeNetworkLink) {
		if Within(r.ID, zone.ID) && SameID(outs(r).Object("virtualNetwork").Text("id"), net) {
			return result{}, fmt.Errorf("%s: A virtual network cannot be linked to multiple zones with overlapping namespaces: %s has the link %s already", codeConflict, zone.ID, r.ID)
		}
	}
	id, err := inside(req, zone.ID, "virtualNetworkLinks", in.Text("virtualNetworkLinkName"))
	if err != nil {
		return result{}, err
	}
	return answer(id, kindNetworkLink, in.Text("virtualNetworkLinkName"), map[string]any{
		"etag": kept(req, "etag", etag), "provisioningState": "Succeeded", "virtualNetworkLinkState": "Completed",
	}), nil
}

// isDatabaseZone says whether a database server can have its name in a zone.
func isDatabaseZone(name string) bool {
	return strings.HasSuffix(strings.ToLower(name), databaseZone) && len(name) > len(databaseZone)
}
