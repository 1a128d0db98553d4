package fakecloud

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Tenant, Subscription and Location are where everything of Azure is.
const (
	Tenant       = "11111111-1111-4111-8111-111111111111"
	Subscription = "22222222-2222-4222-8222-222222222222"
	Location     = "germanywestcentral"
)

// armType is where ARM keeps a type, and the input that names a resource.
// The path is below the resource group; $ stands for an input.
type armType struct{ path, nameInput string }

var armTypes = map[string]armType{
	"network/v20240501:NetworkSecurityGroup":         {"Microsoft.Network/networkSecurityGroups", "networkSecurityGroupName"},
	"network/v20240501:VirtualNetwork":               {"Microsoft.Network/virtualNetworks", "virtualNetworkName"},
	"network/v20240501:PublicIPAddress":              {"Microsoft.Network/publicIPAddresses", "publicIpAddressName"},
	"network/v20240501:NatGateway":                   {"Microsoft.Network/natGateways", "natGatewayName"},
	"network/v20240501:LoadBalancer":                 {"Microsoft.Network/loadBalancers", "loadBalancerName"},
	"network/v20240501:FlowLog":                      {"Microsoft.Network/networkWatchers/$networkWatcherName/flowLogs", "flowLogName"},
	"network/v20240601:PrivateZone":                  {"Microsoft.Network/privateDnsZones", "privateZoneName"},
	"network/v20240601:VirtualNetworkLink":           {"Microsoft.Network/privateDnsZones/$privateZoneName/virtualNetworkLinks", "virtualNetworkLinkName"},
	"compute/v20241101:VirtualMachineScaleSet":       {"Microsoft.Compute/virtualMachineScaleSets", "vmScaleSetName"},
	"storage/v20240101:StorageAccount":               {"Microsoft.Storage/storageAccounts", "accountName"},
	"storage/v20240101:BlobContainer":                {"Microsoft.Storage/storageAccounts/$accountName/blobServices/default/containers", "containerName"},
	"storage:Blob":                                   {"Microsoft.Storage/storageAccounts/$accountName/blobServices/default/containers/$containerName/blobs", "blobName"},
	"dbforpostgresql/v20240801:Server":               {"Microsoft.DBforPostgreSQL/flexibleServers", "serverName"},
	"dbforpostgresql/v20240801:Administrator":        {"Microsoft.DBforPostgreSQL/flexibleServers/$serverName/administrators", "objectId"},
	"dbforpostgresql/v20240801:Database":             {"Microsoft.DBforPostgreSQL/flexibleServers/$serverName/databases", "databaseName"},
	"dbforpostgresql/v20240801:Configuration":        {"Microsoft.DBforPostgreSQL/flexibleServers/$serverName/configurations", "configurationName"},
	"managedidentity/v20230131:UserAssignedIdentity": {"Microsoft.ManagedIdentity/userAssignedIdentities", "resourceName"},
	"authorization/v20220401:RoleAssignment":         {"Microsoft.Authorization/roleAssignments", "roleAssignmentName"},
	"authorization:RoleDefinition":                   {"Microsoft.Authorization/roleDefinitions", "roleDefinitionId"},
	"insights/v20221001:AutoscaleSetting":            {"Microsoft.Insights/autoscaleSettings", "autoscaleSettingName"},
	"insights/v20210501preview:DiagnosticSetting":    {"Microsoft.Insights/diagnosticSettings", "name"},
	"insights/v20230101:ActionGroup":                 {"Microsoft.Insights/actionGroups", "actionGroupName"},
	"insights/v20180301:MetricAlert":                 {"Microsoft.Insights/metricAlerts", "ruleName"},
	"portal:Dashboard":                               {"Microsoft.Portal/dashboards", "dashboardName"},
	"operationalinsights/v20250201:Workspace":        {"Microsoft.OperationalInsights/workspaces", "workspaceName"},
}

func azureCreate(token, name string, inputs resource.PropertyMap) (id string, added map[string]any) {
	kind := strings.TrimPrefix(token, "azure-native:")
	if kind == "resources:ResourceGroup" {
		return groupID(name + "1a2b3c4d"), map[string]any{"name": name + "1a2b3c4d"}
	}
	arm, ok := armTypes[kind]
	if !ok {
		return "unknown-" + name, nil
	}
	own := text(inputs, arm.nameInput, name+"1a2b3c4d")
	steps := strings.Split(arm.path, "/")
	for i, step := range steps {
		if input, ok := strings.CutPrefix(step, "$"); ok {
			steps[i] = text(inputs, input, "?")
		}
	}
	id = fmt.Sprintf("%s/providers/%s/%s", groupID(text(inputs, "resourceGroupName", "?")), strings.Join(steps, "/"), own)
	return id, azureComputed(kind, name, own)
}

func groupID(name string) string {
	return "/subscriptions/" + Subscription + "/resourceGroups/" + name
}

func text(inputs resource.PropertyMap, key, otherwise string) string {
	if value, ok := inputs[resource.PropertyKey(key)]; ok && value.IsString() {
		return value.StringValue()
	}
	return otherwise
}

func azureComputed(kind, name, own string) map[string]any {
	added := map[string]any{"name": own}
	switch kind {
	case "network/v20240501:PublicIPAddress":
		added["ipAddress"] = "192.0.2.10"
	case "dbforpostgresql/v20240801:Server":
		added["fullyQualifiedDomainName"] = own + ".postgres.database.azure.com"
	case "managedidentity/v20230131:UserAssignedIdentity":
		added["clientId"], added["principalId"], added["tenantId"] = "client-of-"+name, "principal-of-"+name, Tenant
	}
	return added
}

func azureClient() map[string]any {
	return map[string]any{
		"clientId": "deployer", "objectId": "deployer-object", "subscriptionId": Subscription, "tenantId": Tenant,
	}
}
