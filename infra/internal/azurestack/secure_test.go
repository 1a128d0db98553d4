package azurestack

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orchard/infra/internal/fakecloud"
)

const certificateSecret = "/subscriptions/" + fakecloud.Subscription +
	"/resourceGroups/certificates/providers/Microsoft.KeyVault/vaults/fruit-vault/secrets/fruit-example-org"

// secured is a production-sized stack.
func secured(t *testing.T) *fakecloud.Recorder {
	t.Helper()
	return record(t, map[string]string{
		"size": "production", "allowHttp": "false", "deletionProtection": "true", "listenerPort": "443",
		"certificateSecret": certificateSecret, "domain": "fruit.example.org", "deployFrom": "198.51.100.7,203.0.113.0/24",
	})
}

// TestSecure: whoever asks an instance asks in TLS, and the instance may read
// the one secret that its certificate is.
func TestSecure(t *testing.T) {
	r := secured(t)
	fakecloud.Expect(t, fakecloud.Only(t, r, balancerType), map[string]any{
		"probes[0].protocol": "Https", "loadBalancingRules[0].frontendPort": 443.0,
	})
	group := fakecloud.Only(t, r, groupType)
	fakecloud.Expect(t, group, map[string]any{profile + "extensionProfile.extensions[0].settings.protocol": "https"})
	fakecloud.Expect(t, r.Of(grantType)["read-certificate"], map[string]any{
		"scope": certificateSecret, "principalId": "principal-of-app", "principalType": "ServicePrincipal",
		"roleDefinitionId": "/subscriptions/" + fakecloud.Subscription + "/providers/Microsoft.Authorization/roleDefinitions/" + keyVaultSecretsUser,
	})
	fakecloud.Needs(t, group, grantType+" read-certificate")
	script, err := base64.StdEncoding.DecodeString(fakecloud.At(t, group, profile+"osProfile.customData").(string))
	if err != nil || !strings.Contains(string(script), "https://fruit-vault.vault.azure.net/secrets/fruit-example-org?api-version=") {
		t.Errorf("custom data does not fetch the certificate (%v)", err)
	}
}

// TestStoreIsClosed to all networks but the instances' and those that deploy,
// where these are named.
func TestStoreIsClosed(t *testing.T) {
	account := fakecloud.Only(t, secured(t), accountType)
	subnet := groupID + "/providers/Microsoft.Network/virtualNetworks/network1a2b3c4d/subnets/app"
	fakecloud.Expect(t, account, map[string]any{
		"networkRuleSet.defaultAction":                                   "Deny",
		"networkRuleSet.ipRules[0].iPAddressOrRange":                     "198.51.100.7",
		"networkRuleSet.ipRules[1].iPAddressOrRange":                     "203.0.113.0/24",
		"networkRuleSet.virtualNetworkRules[0].virtualNetworkResourceId": subnet,
	})
	open := fakecloud.Only(t, record(t, nil), accountType)
	want := map[string]any{"defaultAction": "Allow", "bypass": "AzureServices"} // which the SDK fills in
	if diff := cmp.Diff(want, fakecloud.At(t, open, "networkRuleSet")); diff != "" {
		t.Errorf("network rules where nobody is named (-want +got):\n%s", diff)
	}
}

func TestFlowLogs(t *testing.T) {
	const flowLogType = "azure-native:network/v20240501:FlowLog"
	fakecloud.Expect(t, fakecloud.Only(t, secured(t), flowLogType), map[string]any{
		"enabled": true, "networkWatcherName": "NetworkWatcher_germanywestcentral",
		"targetResourceId": groupID + "/providers/Microsoft.Network/virtualNetworks/network1a2b3c4d",
	})
	if n := len(record(t, nil).Of(flowLogType)); n != 0 {
		t.Errorf("a stack of size dev has %d flow logs, want none", n)
	}
}
