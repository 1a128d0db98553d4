package azure

import (
	"fmt"
	"path"
	"strings"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

const kindRoleDefinition = "Microsoft.Authorization/roleDefinitions"

// RoleDefinition is a role of the program's own: the data actions that it
// allows. What it may do to resources is of no account to instances here.
type RoleDefinition struct {
	ID, Name             string
	DataActions, Without []string // patterns, in which * is any text
}

// Allows says whether the role has a data action.
func (d RoleDefinition) Allows(action string) bool {
	return matchesAny(d.DataActions, action) && !matchesAny(d.Without, action)
}

func matchesAny(patterns []string, action string) bool {
	// A slash means nothing to a pattern of Azure's, and something to path.Match.
	flat := func(text string) string { return strings.ToLower(strings.ReplaceAll(text, "/", " ")) }
	for _, pattern := range patterns {
		if ok, err := path.Match(flat(pattern), flat(action)); ok && err == nil {
			return true
		}
	}
	return false
}

// roleDefinitionType is of the version 2022-05-01-preview, which the SDK has
// without a version.
func roleDefinitionType() provider.Type {
	actions := list(text().Like(`^[A-Za-z0-9*./]+$`, "an action such as Microsoft.Storage/*/read"))
	return provider.Type{
		Properties: properties{
			"scope":            text().Needed().Replaces().Like(`^/`, "an id").Same(strings.ToLower),
			"roleDefinitionId": text().Needed().Replaces().Like(likeGUID, sayingGUID),
			"roleName":         text().Needed().Length(1, 128),
			"roleType":         text().Or("CustomRole").OnlyHere("CustomRole", "the cloud's own roles are there already"),
			"description":      text().NoEffect(),
			"assignableScopes": list(text().Like(`^/`, "an id").Same(strings.ToLower)).Needed().Length(1, 0),
			"permissions": list(object(properties{
				"actions": actions, "notActions": actions, "dataActions": actions, "notDataActions": actions,
			})).Needed().Length(1, 1),
		},
		Name:     copiedName("roleDefinitionId", 36),
		Computed: outputs("createdBy", "createdOn", "updatedBy", "updatedOn"),
		Compute:  computeRoleDefinition, Leave: leaveRoleDefinition,
	}
}

func computeRoleDefinition(req request) (result, error) {
	in := req.Inputs
	scope := strings.TrimSuffix(in.Text("scope"), "/")
	if err := needScope(req, scope); err != nil {
		return result{}, err
	}
	for _, r := range others(req, typeRoleDefinition) {
		if strings.EqualFold(outs(r).Text("roleName"), in.Text("roleName")) {
			return result{}, fmt.Errorf("RoleDefinitionWithSameNameExists: A custom role with the same name already exists in this directory: %s", in.Text("roleName"))
		}
	}
	guid := strings.ToLower(in.Text("roleDefinitionId"))
	id, err := inside(req, scope, "providers/"+kindRoleDefinition, guid)
	if err != nil {
		return result{}, err
	}
	return answer(id, kindRoleDefinition, guid, map[string]any{
		"createdBy": caller, "updatedBy": caller, "createdOn": "", "updatedOn": "",
	}), nil
}

// leaveRoleDefinition refuses to delete a role that somebody has.
func leaveRoleDefinition(req request) error {
	for _, r := range each(req.World.Resources(), typeRoleAssignment) {
		if roleOf(outs(r).Text("roleDefinitionId")) == roleOf(req.Prev.ID) {
			return fmt.Errorf("RoleDefinitionHasAssignments: There are existing role assignments referencing role %s", outs(*req.Prev).Text("roleName"))
		}
	}
	return nil
}

// ownRole finds a role of the program's own by its GUID, at a scope where it
// may be assigned.
func ownRole(resources []world.Resource, guid, scope string) bool {
	for _, r := range each(resources, typeRoleDefinition) {
		for _, at := range outs(r).Texts("assignableScopes") {
			if roleOf(r.ID) == guid && Within(scope, at) {
				return true
			}
		}
	}
	return false
}

func roleDefinitionOf(r world.Resource) RoleDefinition {
	d := RoleDefinition{ID: r.ID, Name: outs(r).Text("roleName")}
	for _, p := range outs(r).Objects("permissions") {
		d.DataActions = append(d.DataActions, p.Texts("dataActions")...)
		d.Without = append(d.Without, p.Texts("notDataActions")...)
	}
	return d
}
