package azure_test

import (
	"slices"
	"testing"

	"orchard/localcloud/internal/provider/azure"
	"orchard/localcloud/internal/provider/providertest"
)

const flowLogType = "azure-native:network/v20240501:FlowLog"

// Both who ask for an instance's health ask in TLS when they are told to.
func TestChecksInTLS(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		all := declared(t)
		if secure {
			part(providertest.Find(all, balancerType, "public"), "probes", "livez")["protocol"] = "Https"
			profile := providertest.Find(all, setType, "app").Outputs["virtualMachineProfile"].(map[string]any)
			extension := profile["extensionProfile"].(map[string]any)["extensions"].([]any)[0].(map[string]any)
			extension["settings"].(map[string]any)["protocol"] = "https"
		}
		d, _, err := azure.Declare(all)
		if err != nil {
			t.Fatal(err)
		}
		for _, pool := range d.Pools {
			if pool.Check.Secure != secure {
				t.Errorf("secure %v: pool %s is asked in TLS: %v", secure, pool.Name, pool.Check.Secure)
			}
		}
		for _, group := range d.Groups {
			if group.OwnCheck.Secure != secure {
				t.Errorf("secure %v: group %s asks itself in TLS: %v", secure, group.Name, group.OwnCheck.Secure)
			}
		}
	}
}

func TestVaultScope(t *testing.T) {
	t.Parallel()
	const vault = "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/Fruit"
	for scope, want := range map[string][2]string{
		vault: {"Fruit", ""}, vault + "/secrets/a-b": {"Fruit", "a-b"}, "/SUBSCRIPTIONS/s/RESOURCEGROUPS/r/PROVIDERS/microsoft.keyvault/VAULTS/Fruit": {"Fruit", ""},
		vault + "/keys/k": {}, vault + "/secrets/a/1": {}, "/subscriptions/s": {}, "x" + vault: {},
	} {
		if name, secret := azure.VaultScope(scope); name != want[0] || secret != want[1] {
			t.Errorf("%s: got vault %q, secret %q, want %q", scope, name, secret, want)
		}
	}
	cloud := azure.Cloud{RoleAssignments: []azure.RoleAssignment{{Scope: vault + "/secrets/a"}, {Scope: vault}, {Scope: "/subscriptions/s"}}}
	if got := cloud.Vaults(); !slices.Equal(got, []string{"fruit"}) {
		t.Errorf("vaults: got %v, want fruit", got)
	}
}
