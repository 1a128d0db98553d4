package azure

import (
	"fmt"
	"slices"
	"strings"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// find looks up a resource by its id, whatever its case.
func find(w provider.World, id string) (world.Resource, bool) {
	return findIn(w.Resources(), id)
}

func findIn(resources []world.Resource, id string) (world.Resource, bool) {
	i := slices.IndexFunc(resources, func(r world.Resource) bool { return SameID(r.ID, id) })
	if i < 0 {
		return world.Resource{}, false
	}
	return resources[i], true
}

// found looks up a resource of one type.
func found(resources []world.Resource, typ, id string) (world.Resource, bool) {
	r, ok := findIn(resources, id)
	return r, ok && r.Type == typ
}

// each lists the resources of a type.
func each(resources []world.Resource, typ string) []world.Resource {
	var out []world.Resource
	for _, r := range resources {
		if r.Type == typ {
			out = append(out, r)
		}
	}
	return out
}

// others lists the resources of a type in the request's world, without the
// one that the request is about.
func others(req request, typ string) []world.Resource {
	var out []world.Resource
	for _, r := range each(req.World.Resources(), typ) {
		if req.Prev == nil || r.ID != req.Prev.ID {
			out = append(out, r)
		}
	}
	return out
}

// outs are a resource's outputs as inputs of the next step.
func outs(r world.Resource) provider.Inputs { return r.Outputs }

func privates(r world.Resource) provider.Inputs { return r.Private }

// need refuses a reference to what is not there.
func need(req request, typ, id string) (world.Resource, error) {
	r, ok := found(req.World.Resources(), typ, id)
	if !ok {
		return r, missing(req, id)
	}
	return r, nil
}

func missing(req request, id string) error {
	return fmt.Errorf("InvalidResourceReference: Resource %s referenced by resource %s was not found. Please make sure that the referenced resource exists, and that both resources are in the same region",
		id, provider.Name(req.URN))
}

// findGroup finds a resource group by its name, whatever its case.
func findGroup(w provider.World, name string) (world.Resource, bool) {
	for _, r := range each(w.Resources(), typeResourceGroup) {
		if strings.EqualFold(outs(r).Text("name"), name) {
			return r, true
		}
	}
	return world.Resource{}, false
}

// sibling finds a resource of a type by its name in the request's group.
func sibling(req request, typ, kind, name string) (world.Resource, bool) {
	group, ok := findGroup(req.World, req.Inputs.Text("resourceGroupName"))
	if !ok {
		return world.Resource{}, false
	}
	return found(req.World.Resources(), typ, group.ID+"/providers/"+kind+"/"+name)
}

// part finds a named part of a resource by its id: with the outputs of
// {id}/probes/livez, the entry of "probes" that has this id.
func part(r world.Resource, property, id string) (provider.Inputs, bool) {
	for _, p := range outs(r).Objects(property) {
		if SameID(p.Text("id"), id) {
			return p, true
		}
	}
	return nil, false
}

// groupName is the resource group of an id.
func groupName(id string) string { return segment(id, "resourceGroups") }

// segment is what follows a word in an id.
func segment(id, word string) string {
	parts := strings.Split(id, "/")
	for i := range len(parts) - 1 {
		if strings.EqualFold(parts[i], word) {
			return parts[i+1]
		}
	}
	return ""
}

// label names a resource in a sentence: its name in the program and its name.
func label(r world.Resource) string {
	return fmt.Sprintf("%s (%s)", logicalName(r), r.ID[strings.LastIndex(r.ID, "/")+1:])
}

func logicalName(r world.Resource) string { return provider.Name(r.URN) }
