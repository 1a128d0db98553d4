package azure

import (
	"fmt"
	"strings"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

const (
	kindIdentity       = "Microsoft.ManagedIdentity/userAssignedIdentities"
	kindRoleAssignment = "Microsoft.Authorization/roleAssignments"
)

func identityTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeIdentity: {
			Properties: at(properties{
				"resourceName": name(3, 128, `^[A-Za-z0-9][A-Za-z0-9_-]*$`, "letters, digits and _ -, a letter or digit first"),
			}),
			Name:     autoName("resourceName", 128),
			Computed: outputs("clientId", "location", "principalId", "systemData", "tenantId"),
			Compute:  computeIdentity, Leave: leaveUsed(identityUsers),
		},
		typeRoleAssignment: {
			Properties: properties{
				"scope":              text().Needed().Replaces().Like(`^/`, "an id").Same(strings.ToLower),
				"roleAssignmentName": text().Needed().Replaces().Like(likeGUID, sayingGUID),
				"roleDefinitionId":   text().Needed().Like(`(?i)^(/subscriptions/[^/]+)?/providers/Microsoft\.Authorization/roleDefinitions/[0-9a-f-]{36}$`, "the id of a role definition").Same(strings.ToLower),
				"principalId":        text().Needed().Like(likeGUID, sayingGUID).Same(strings.ToLower),
				"principalType":      text().Or("User").OneOf("User", "Group", "ServicePrincipal", "ForeignGroup", "Device"),
				"description":        text().NoEffect(),
			},
			Name:     copiedName("roleAssignmentName", 36),
			Computed: outputs("createdBy", "createdOn", "updatedBy", "updatedOn"),
			Compute:  computeRoleAssignment,
		},
		typeRoleDefinition: roleDefinitionType(),
	}
}

// builtinRoles are the role definitions that localcloud knows, by their GUID,
// which is the same in every subscription.
var builtinRoles = map[string]string{
	"2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader",
	"ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
	"b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
	"4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
	"b86a8fe4-44ce-4948-aee5-eccb2c155cd7": "Key Vault Secrets Officer",
	"acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
	"b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
	"8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
	"43d0d8ad-25c7-4714-9337-8ba259a9fe05": "Monitoring Reader",
	"3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
	"73c42c96-874c-492b-b04d-ab87d138a893": "Log Analytics Reader",
	"92aaf0da-9dab-42b6-94a3-d43ce8d16293": "Log Analytics Contributor",
}

// roleOf is the GUID of a role definition's id, in lower case.
func roleOf(definition string) string {
	return strings.ToLower(definition[strings.LastIndex(definition, "/")+1:])
}

func computeIdentity(req request) (result, error) {
	identityName := req.Inputs.Text("resourceName")
	id, err := inGroup(req, kindIdentity, identityName)
	if err != nil {
		return result{}, err
	}
	return regional(req, id, kindIdentity, identityName, map[string]any{
		"clientId":    kept(req, "clientId", func() string { return guid(hexes(32)) }),
		"principalId": kept(req, "principalId", func() string { return guid(hexes(32)) }),
		"tenantId":    tenant(req), "systemData": map[string]any{},
	})
}

// identityUsers are the scale sets whose instances have an identity.
func identityUsers(r world.Resource) []string {
	if r.Type != typeScaleSet {
		return nil
	}
	return identitiesOf(outs(r))
}

func computeRoleAssignment(req request) (result, error) {
	in := req.Inputs
	role, scope := roleOf(in.Text("roleDefinitionId")), strings.TrimSuffix(in.Text("scope"), "/")
	if _, known := builtinRoles[role]; !known && !ownRole(req.World.Resources(), role, scope) {
		return result{}, fmt.Errorf("RoleDefinitionDoesNotExist: The specified role definition with ID '%s' does not exist: localcloud knows the built-in roles for blobs and secrets, Reader, Contributor, Owner, those of monitoring, and what the program declares for this scope", role)
	}
	if err := needScope(req, scope); err != nil {
		return result{}, err
	}
	if err := needPrincipal(req); err != nil {
		return result{}, err
	}
	if err := unchanged(req, "RoleAssignmentUpdateNotPermitted", "principalId", "roleDefinitionId"); err != nil {
		return result{}, err
	}
	for _, r := range others(req, typeRoleAssignment) {
		if sameAssignment(outs(r), in) {
			return result{}, fmt.Errorf("RoleAssignmentExists: The role assignment already exists. The ID of the existing role assignment is %s", outs(r).Text("name"))
		}
	}
	assignment := strings.ToLower(in.Text("roleAssignmentName"))
	id, err := inside(req, scope, "providers/"+kindRoleAssignment, assignment)
	if err != nil {
		return result{}, err
	}
	return answer(id, kindRoleAssignment, assignment, map[string]any{
		"createdBy": caller, "updatedBy": caller, "createdOn": "", "updatedOn": "",
	}), nil
}

func sameAssignment(a, b provider.Inputs) bool {
	return strings.EqualFold(a.Text("principalId"), b.Text("principalId")) && SameID(a.Text("scope"), b.Text("scope")) &&
		roleOf(a.Text("roleDefinitionId")) == roleOf(b.Text("roleDefinitionId"))
}

// needScope accepts the subscription, what is on record in it, and a vault or
// its secret, which are other people's.
func needScope(req request, scope string) error {
	if vault, _ := VaultScope(scope); vault != "" || SameID(scope, "/subscriptions/"+subscription(req)) {
		return nil
	}
	if _, ok := find(req.World, scope); !ok {
		return fmt.Errorf("ResourceNotFound: The scope %s of the role assignment was not found", scope)
	}
	return nil
}

// needPrincipal refuses a principal that the directory does not have, or has
// as another type. localcloud's has the stack's identities and the caller.
func needPrincipal(req request) error {
	principal, kind := req.Inputs.Text("principalId"), req.Inputs.Text("principalType")
	if strings.EqualFold(principal, caller) {
		return nil
	}
	for _, r := range each(req.World.Resources(), typeIdentity) {
		if !strings.EqualFold(outs(r).Text("principalId"), principal) {
			continue
		}
		if kind != "ServicePrincipal" {
			return fmt.Errorf("UnmatchedPrincipalType: The PrincipalId '%s' has type 'ServicePrincipal', which is different from specified PrincipalType '%s'", principal, kind)
		}
		return nil
	}
	return fmt.Errorf("PrincipalNotFound: Principal %s does not exist in the directory %s", principal, tenant(req))
}
