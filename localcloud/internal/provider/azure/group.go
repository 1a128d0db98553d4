package azure

import (
	"fmt"
	"strings"

	"orchard/localcloud/internal/provider"
)

const kindGroup = "Microsoft.Resources/resourceGroups"

func groupTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeResourceGroup: {
			Properties: properties{
				"resourceGroupName": name(1, 90, `^[\p{L}\p{N}_().-]*[\p{L}\p{N}_()-]$`, "letters, digits and _ ( ) . -, no period last"),
				"location":          location(),
				"managedBy":         text().NoEffect(),
				"tags":              tags(),
			},
			Name:     autoName("resourceGroupName", 90),
			Computed: outputs("location", "properties"),
			Compute:  computeGroup, Leave: leaveGroup,
		},
	}
}

func computeGroup(req request) (result, error) {
	groupName := req.Inputs.Text("resourceGroupName")
	id, err := inside(req, "/subscriptions/"+subscription(req), "resourceGroups", groupName)
	if err != nil {
		return result{}, err
	}
	place := locationOf(req)
	if place == "" {
		return result{}, fmt.Errorf("LocationRequired: The location property is required for this definition. Set it, or configure the provider's location")
	}
	// The group's location is that of its record alone; what is in it may be
	// elsewhere, so it is not the stack's.
	out := answer(id, kindGroup, groupName, map[string]any{
		"location": place, "properties": map[string]any{"provisioningState": "Succeeded"},
	})
	out.Private["subscription"], out.Private["tenant"] = subscription(req), tenant(req)
	return out, nil
}

// leaveGroup refuses while something is in the group, as azure-native does
// not: the Resource Manager would delete that too, behind the engine's back.
func leaveGroup(req request) error {
	for _, r := range req.World.Resources() {
		if r.ID != req.Prev.ID && Within(r.ID, req.Prev.ID) && !strings.Contains(strings.ToLower(r.ID), "/microsoft.authorization/") {
			return fmt.Errorf("resource group %s still holds %s: localcloud deletes nothing that the engine has not named", outs(*req.Prev).Text("name"), r.ID)
		}
	}
	return nil
}
