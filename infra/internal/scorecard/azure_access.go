package scorecard

import (
	"fmt"
	"strings"

	"orchard/infra/internal/planned"
)

// azureAccess is who may do what, and the vaults.
func azureAccess() []Row {
	return []Row{
		{
			ID: "IAM.1", Setting: "an identity may read data at one container or one secret, and no more (benchmark PA-7)",
			Check: every(armAssignment, readsAlone),
		},
		{
			ID: "KV.1", Setting: "vaults, if any, go by roles, keep what is deleted and are closed to the internet (policies 12d4fa5e, 1e66c121, 0b60c0b2, 405c5871, 98728c90, cf820ca0)",
			Check: all(armVault,
				is("properties.enableRbacAuthorization", true), is("properties.enablePurgeProtection", true),
				is("properties.publicNetworkAccess", "Disabled", "disabled"), logged),
		},
	}
}

// readers are the roles that only read data, with the part of a scope at which
// each may be given.
var readers = map[string]string{
	"2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "/blobServices/default/containers/", // Storage Blob Data Reader
	"4633458b-17de-408a-b874-0445c86b69e6": "/secrets/",                         // Key Vault Secrets User
}

func readsAlone(_ planned.Stack, r item) string {
	definition, scope := text(r, "roleDefinitionId"), text(r, "scope")
	role := definition[strings.LastIndex(definition, "/")+1:]
	part, reads := readers[role]
	if !reads {
		return fmt.Sprintf("the role %s may do more than read data", role)
	}
	_, name, found := strings.Cut(scope, part)
	if !found || name == "" || strings.Contains(name, "/") {
		return fmt.Sprintf("the scope %s is not one container or secret", scope)
	}
	return ""
}
