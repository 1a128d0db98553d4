package azure

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"

	"orchard/localcloud/internal/provider"
)

// codeConflict is the code of what is there already in another form.
const codeConflict = "Conflict"

// inGroup is the id of a resource of a group. The kind is as in an id:
// "Microsoft.Network/virtualNetworks". It refuses a group that is not there
// and, of a new resource, a name that is taken.
func inGroup(req request, kind, name string) (string, error) {
	group, ok := findGroup(req.World, req.Inputs.Text("resourceGroupName"))
	if !ok {
		return "", fmt.Errorf("ResourceGroupNotFound: Resource group '%s' could not be found", req.Inputs.Text("resourceGroupName"))
	}
	return inside(req, group.ID, "providers/"+kind, name)
}

// inside is the id of something inside another resource: the part is as in an
// id, such as blobServices/default/containers.
func inside(req request, parent, part, name string) (string, error) {
	if req.Prev != nil {
		return req.Prev.ID, nil
	}
	id := parent + "/" + part + "/" + name
	if taken, ok := find(req.World, id); ok {
		return "", fmt.Errorf("cannot create already existing resource '%s'", taken.ID)
	}
	return id, nil
}

// answer is a Result with what all resources of a kind have: name and type.
func answer(id, kind, name string, outputs map[string]any) result {
	outputs["name"], outputs["type"] = name, kind
	return result{ID: id, Outputs: outputs, Private: map[string]any{}}
}

// regional is answer for a resource that is in a location.
func regional(req request, id, kind, name string, outputs map[string]any) (result, error) {
	place := locationOf(req)
	if place == "" {
		return result{}, fmt.Errorf("LocationRequired: The location property is required for this definition. Set it, or configure the provider's location")
	}
	outputs["location"] = place
	out := answer(id, kind, name, outputs)
	out.Private["location"] = place
	return out, nil
}

// network is regional with what network resources have.
func network(req request, id, kind, name string, outputs map[string]any) (result, error) {
	outputs["provisioningState"] = "Succeeded"
	outputs["etag"] = etag()
	outputs["resourceGuid"] = kept(req, "resourceGuid", func() string { return guid(hexes(32)) })
	return regional(req, id, kind, name, outputs)
}

func networkOutputs(names ...string) []string {
	return outputs(append(names, "etag", "location", "provisioningState", "resourceGuid")...)
}

// networkMoves says what changes with every change of a network resource.
func networkMoves(properties properties) map[string][]string {
	var all []string
	for name := range properties {
		all = append(all, name)
	}
	return map[string][]string{"etag": all}
}

func etag() string { return fmt.Sprintf("W/%q", guid(hexes(32))) }

// parts completes a list of named parts of a resource with their ids.
func parts(id, part string, list []provider.Inputs, more map[string]any) []any {
	out := make([]any, len(list))
	for i, given := range list {
		completed := map[string]any{"id": id + "/" + part + "/" + given.Text("name"), "etag": etag(), "provisioningState": "Succeeded"}
		for k, v := range more {
			completed[k] = v
		}
		for k, v := range given {
			completed[k] = v
		}
		out[i] = completed
	}
	return out
}

// hexes is n random hexadecimal digits.
func hexes(n int) string {
	b := make([]byte, (n+1)/2)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)[:n]
}

// unchanged refuses an update of what the cloud does not change: the code is
// the cloud's, with a place for the property.
func unchanged(req request, code string, names ...string) error {
	if req.Prev == nil {
		return nil
	}
	before := outs(*req.Prev)
	for _, name := range names {
		if before.Has(name) && !strings.EqualFold(fmt.Sprint(before[name]), fmt.Sprint(req.Inputs[name])) {
			return fmt.Errorf("%s: Changing property '%s' of %s is not allowed", code, name, req.Prev.ID)
		}
	}
	return nil
}
