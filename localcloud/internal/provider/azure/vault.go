package azure

import (
	"regexp"
	"slices"
	"strings"
)

var vaultScope = regexp.MustCompile(`(?i)^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.KeyVault/vaults/([A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9])(/secrets/([A-Za-z0-9-]{1,127}))?$`)

// VaultScope reads a scope that is a Key Vault or a secret in one; the vault is
// empty where it is neither, the secret where it is the vault.
func VaultScope(scope string) (vault, secret string) {
	m := vaultScope.FindStringSubmatch(scope)
	if m == nil {
		return "", ""
	}
	return m[1], m[3]
}

// Vaults are the names of the vaults that role assignments speak of, in lower
// case.
func (c Cloud) Vaults() []string {
	var names []string
	for _, a := range c.RoleAssignments {
		if vault, _ := VaultScope(a.Scope); vault != "" {
			names = append(names, strings.ToLower(vault))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
