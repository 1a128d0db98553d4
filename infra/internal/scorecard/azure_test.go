package scorecard

import (
	"maps"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"orchard/infra/internal/planned"
	"orchard/infra/internal/settings"
)

func TestAzure(t *testing.T) {
	t.Parallel()
	checkCard(t, settings.Azure, 37, 31, azureExamples)
}

const firstFace = vmProfile + "networkProfile.networkInterfaceConfigurations[0]."

var azureExamples = []counterExample{
	{"VMSS.1", setEach(armScaleSet, vmProfile+"securityProfile.encryptionAtHost", nil)},
	{"VMSS.2", setEach(armScaleSet, vmProfile+"osProfile.linuxConfiguration.disablePasswordAuthentication", false)},
	{"VMSS.3", setEach(armScaleSet, vmProfile+"securityProfile.uefiSettings.vTpmEnabled", false)},
	{"VMSS.4", setEach(armScaleSet, vmProfile+"osProfile.linuxConfiguration.patchSettings.assessmentMode", "ImageDefault")},
	{"VMSS.5", setEach(armScaleSet, firstFace+"ipConfigurations[0].publicIPAddressConfiguration", map[string]any{"name": "app"})},
	{"VMSS.6", setEach(armScaleSet, firstFace+"enableIPForwarding", true)},
	{"NET.1", setEach(armSecurityGroup, "securityRules[0]", map[string]any{
		"name": "ssh", "access": "Allow", "direction": "Inbound", "priority": 100.0, "protocol": "Tcp",
		"sourceAddressPrefix": "Internet", "destinationAddressPrefix": "*", "destinationPortRange": "22",
	})},
	{"NET.2", setEach(armNetwork, "subnets[1].networkSecurityGroup", nil)},
	{"NET.3", setEach(armNetwork, "subnets[0].defaultOutboundAccess", true)},
	{"NET.4", allowTheRest},
	{"NET.5", drop(armFlowLog)},
	{"NET.7", asItIs},
	{"NET.5", setEach(armFlowLog, "enabled", false)},
	{"PG.1", setEach(armServer, "network.publicNetworkAccess", "Enabled")},
	{"PG.2", setOne(armConfiguration, "require_secure_transport", "value", "off")},
	{"PG.3", setOne(armConfiguration, "ssl_min_protocol_version", "value", "TLSv1.1")},
	{"PG.4", drop(armAdministrator)},
	{"PG.5", setEach(armServer, "authConfig.passwordAuth", "Enabled")},
	{"PG.6", setOne(armConfiguration, "log_checkpoints", "value", "off")},
	{"PG.7", setOne(armConfiguration, "shared_preload_libraries", "value", "pg_stat_statements")},
	{"PG.7", setOne(armConfiguration, "pgaudit.log", "value", "NONE")},
	{"PG.8", setOne(armConfiguration, "logfiles.retention_days", "value", "3")},
	{"PG.9", asItIs},
	{"PG.10", setOne(armDiagnostics, "database", "logs", nil)},
	{"ST.1", setEach(armAccount, "minimumTlsVersion", "TLS1_0")},
	{"ST.2", setEach(armAccount, "allowBlobPublicAccess", nil)},
	{"ST.3", asItIs},
	{"ST.4", setEach(armAccount, "networkRuleSet.defaultAction", "Allow")},
	{"IAM.1", setOne(armAssignment, "read-release", "scope", "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a")},
	{"IAM.1", setOne(armAssignment, "read-certificate", "roleDefinitionId", "/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c")},
	{"KV.1", add(armVault, "vault", map[string]any{"properties": map[string]any{"enableRbacAuthorization": true}})},
	{"ZONE.1", setEach(armScaleSet, "sku.capacity", 2.0)},
	{"ZONE.1", setEach(armScaleSet, "zones", []any{"1", "2"})},
	{"ZONE.2", setEach(armBalancer, "sku.name", "Basic")},
	{"ZONE.3", setEach(armAddress, "zones", []any{"1"})},
	{"ZONE.4", setEach(armServer, "highAvailability.mode", "SameZone")},
	{"ZONE.5", setEach(armAccount, "sku.name", "Standard_LRS")},
	{"ZONE.6", setEach(armNatGateway, "zones", nil)},
}

// asItIs is for a failure that is waived.
func asItIs(*planned.Stack) {}

// allowTheRest takes the rules that deny away.
func allowTheRest(stack *planned.Stack) {
	for _, r := range of(*stack, armSecurityGroup) {
		rules := slices.DeleteFunc(slices.Clone(r.Inputs["securityRules"].ArrayValue()), func(rule resource.PropertyValue) bool {
			return rule.ObjectValue()["access"].StringValue() == "Deny"
		})
		r.Inputs["securityRules"] = resource.NewProperty(rules)
	}
}

// TestAzureWaivers: what is waived fails today, and is made good by the
// setting that the control wants.
func TestAzureWaivers(t *testing.T) {
	t.Parallel()
	stack, err := planned.Read(project, subjects[settings.Azure].stack, nil)
	if err != nil {
		t.Fatal(err)
	}
	good := map[string]func(*planned.Stack){
		"NET.7": setEach(armNetwork, "enableDdosProtection", true),
		"PG.9":  setEach(armServer, "backup.geoRedundantBackup", "Enabled"),
		"ST.3":  setEach(armAccount, "allowSharedKeyAccess", false),
	}
	var waived []string
	for _, row := range Azure() {
		if row.Waiver == "" {
			continue
		}
		waived = append(waived, row.ID)
		changed := copied(stack)
		if change, ok := good[row.ID]; ok {
			change(&changed)
		}
		if state, reason := row.Check(changed); state != Pass {
			t.Errorf("%s with the setting that it wants: got %s (%s), want pass", row.ID, state, reason)
		}
	}
	if want := slices.Sorted(maps.Keys(good)); !slices.Equal(slices.Sorted(slices.Values(waived)), want) {
		t.Errorf("waived rows: got %v, want %v", waived, want)
	}
}
