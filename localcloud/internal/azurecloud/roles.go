package azurecloud

import (
	"fmt"
	"strings"

	"orchard/localcloud/internal/blobs"
	"orchard/localcloud/internal/entra"
	"orchard/localcloud/internal/keyvault"
	"orchard/localcloud/internal/provider/azure"
)

// builtin are the data actions on blobs and secrets of the cloud's own role
// definitions. Source: Azure built-in roles for storage and for security.
var builtin = map[string]struct {
	name    string
	actions []string
}{
	"2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": {"Storage Blob Data Reader", []string{blobs.ReadAction}},
	"ba92f5b4-2d11-453d-a403-e96b0029c9fe": {"Storage Blob Data Contributor", []string{blobs.ReadAction, blobs.WriteAction}},
	"b7e6dc6d-f1e8-4753-8033-0f276bb0955b": {"Storage Blob Data Owner", []string{blobs.ReadAction, blobs.WriteAction}},
	"4633458b-17de-408a-b874-0445c86b69e6": {"Key Vault Secrets User", []string{keyvault.ReadAction}},
	"b86a8fe4-44ce-4948-aee5-eccb2c155cd7": {"Key Vault Secrets Officer", []string{keyvault.ReadAction}},
}

// suggested is a role that would allow an action, for the sentence that says
// that none does.
var suggested = map[string]string{
	blobs.ReadAction:  "Storage Blob Data Reader",
	blobs.WriteAction: "Storage Blob Data Contributor",
}

var verbs = map[string]string{blobs.ReadAction: "read", blobs.WriteAction: "write"}

// mayDo says what is missing where a principal has no role that allows an
// action on blobs at a scope.
func mayDo(cloud azure.Cloud, who entra.Claims, action, scope string) error {
	identity, err := identityOf(cloud, who)
	if err != nil {
		return err
	}
	for _, a := range cloud.RoleAssignments {
		if strings.EqualFold(a.PrincipalID, identity.PrincipalID) && azure.Within(scope, a.Scope) && allows(cloud, a.Role, action) {
			return nil
		}
	}
	return fmt.Errorf("identity %s may not %s blobs at %s: it has no role assignment there or above that allows it, such as %s", identity.Name, verbs[action], scope, suggested[action])
}

// allows says whether a role, by its GUID, has a data action.
func allows(cloud azure.Cloud, role, action string) bool {
	role = strings.ToLower(role)
	if own, ok := cloud.RoleDefinitions[role]; ok {
		return own.Allows(action)
	}
	for _, allowed := range builtin[role].actions {
		if allowed == action {
			return true
		}
	}
	return false
}
