package azurestack

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/loadplan"
	"orchard/infra/internal/release"
	"orchard/infra/internal/servicestack"
	"orchard/infra/internal/settings/settingstest"
)

const roleType = "azure-native:authorization:RoleDefinition"

func recordRunner(t *testing.T, changes map[string]string) *fakecloud.Recorder {
	t.Helper()
	config := map[string]string{"cloud": "azure", "role": "loadrunner", "serviceStack": "dev-azure"}
	for key, value := range changes {
		config[key] = value
	}
	set := settingstest.Parse(t, "load-azure", config)
	plan, err := loadplan.Of(set.Runner)
	if err != nil {
		t.Fatal(err)
	}
	var recorder fakecloud.Recorder
	err = pulumi.RunErr(func(ctx *pulumi.Context) error {
		service, err := servicestack.Find(ctx, set.Runner.ServiceStack)
		if err != nil {
			return err
		}
		_, err = DeclareRunner(ctx, set, release.Release{Program: "loadrunner", Path: "testdata", Digest: strings.Repeat("ab", 32)},
			servicestack.Load{Service: service, Plan: plan, Token: pulumi.String(settingstest.WriteToken)})
		return err
	}, pulumi.WithMocks("orchard", set.Stack, &recorder))
	if err != nil {
		t.Fatal(err)
	}
	return &recorder
}

// TestRunnerLetsNothingIn, and out to the service and to storage alone.
func TestRunnerLetsNothingIn(t *testing.T) {
	group := fakecloud.Only(t, recordRunner(t, nil), securityType)
	allowed := map[string]string{}
	for _, rule := range fakecloud.At(t, group, "securityRules").([]any) {
		rule := rule.(map[string]any)
		if rule["access"] == "Allow" {
			allowed[rule["direction"].(string)+" "+rule["destinationAddressPrefix"].(string)] = rule["destinationPortRange"].(string)
		}
	}
	if len(allowed) != 2 || allowed["Outbound Internet"] != "8080" || allowed["Outbound Storage"] != "443" {
		t.Errorf("got %v allowed, want 8080 to the internet and 443 to storage", allowed)
	}
}

// TestRunnerPaysNoNAT: each node has an address of its own.
func TestRunnerPaysNoNAT(t *testing.T) {
	r := recordRunner(t, nil)
	if n := len(r.Of(natType)); n != 0 {
		t.Errorf("got %d NAT gateways, want none", n)
	}
	const address = profile + "networkProfile.networkInterfaceConfigurations[0].ipConfigurations[0]."
	fakecloud.Expect(t, fakecloud.Only(t, r, groupType), map[string]any{address + "publicIPAddressConfiguration.sku.name": "Standard"})
	subnet := fakecloud.At(t, fakecloud.Only(t, r, networkType), "subnets[0]").(map[string]any)
	if _, leads := subnet["natGateway"]; leads || subnet["defaultOutboundAccess"] != false {
		t.Errorf("subnet: got %v, want neither a NAT gateway nor a default way", subnet)
	}
}

// TestRunnerLeastPrivilege: a node reads two containers and writes into a
// third, each by a role of its own.
func TestRunnerLeastPrivilege(t *testing.T) {
	r := recordRunner(t, nil)
	role := fakecloud.Only(t, r, roleType)
	fakecloud.Expect(t, role, map[string]any{
		"permissions[0].dataActions[0]": "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write", "roleType": "CustomRole",
	})
	permission := fakecloud.At(t, role, "permissions[0]").(map[string]any)
	if len(permission) != 1 || len(permission["dataActions"].([]any)) != 1 {
		t.Errorf("the role permits %v, want one data action", permission)
	}
	put := role.Inputs["roleDefinitionId"].StringValue()
	for name, want := range map[string]struct{ container, role string }{
		"read-release": {"releases1a2b3c4d", storageBlobDataReader}, "read-token": {"tokens1a2b3c4d", storageBlobDataReader},
		"put-results": {"results1a2b3c4d", put},
	} {
		grant := r.Of(grantType)[name]
		scope, definition := fakecloud.At(t, grant, "scope").(string), fakecloud.At(t, grant, "roleDefinitionId").(string)
		if !strings.HasSuffix(scope, "/containers/"+want.container) || !strings.HasSuffix(definition, "/"+want.role) {
			t.Errorf("%s: got %s at %s, want %s at container %s", name, definition, scope, want.role, want.container)
		}
		fakecloud.Expect(t, grant, map[string]any{"principalId": "principal-of-node"})
	}
	fakecloud.Needs(t, r.Of(grantType)["put-results"], roleType+" put-results")
}

// TestRunnerGroup: a fixed number of nodes over three zones, behind nothing,
// which come after all that they need.
func TestRunnerGroup(t *testing.T) {
	r := recordRunner(t, map[string]string{"nodes": "100"})
	group := fakecloud.Only(t, r, groupType)
	fakecloud.Expect(t, group, map[string]any{"sku.capacity": 100.0, "upgradePolicy.mode": "Manual", "zoneBalance": false})
	if n := len(group.Inputs["zones"].ArrayValue()); n != 3 {
		t.Errorf("the scale set is in %d zones, want 3", n)
	}
	if _, ok := group.Inputs[resource.PropertyKey("automaticRepairsPolicy")]; ok || len(r.Of(policyType)) != 0 {
		t.Error("the scale set has repairs or an autoscale setting")
	}
	fakecloud.Needs(t, group, networkType+" network", securityType+" node", blobType+" release", blobType+" token",
		grantType+" put-results", grantType+" read-token", grantType+" read-release")
}

// TestRunnerUserData has the service and where everything is, and not the
// token.
func TestRunnerUserData(t *testing.T) {
	group := fakecloud.Only(t, recordRunner(t, map[string]string{"nodeRate": "20"}), groupType)
	text, err := base64.StdEncoding.DecodeString(fakecloud.At(t, group, profile+"osProfile.customData").(string))
	if err != nil {
		t.Fatal(err)
	}
	script := string(text)
	for _, want := range []string{
		"releases1a2b3c4d/releases/" + strings.Repeat("ab", 32) + "/loadrunner", "\n      rate: 20\n", "    url: " + fakecloud.ServiceURL + "\n",
		".blob.core.windows.net/results1a2b3c4d/load-azure/$instance\n", "&client_id=client-of-node\"",
	} {
		if !strings.Contains(script, want) {
			t.Errorf("custom data does not say %q", want)
		}
	}
	if strings.Contains(script, settingstest.WriteToken) {
		t.Error("the write token is in the custom data")
	}
}
