package azure_test

import (
	"encoding/base64"
	"runtime"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"orchard/localcloud/internal/provider/providertest"
	"orchard/localcloud/internal/world"
)

// otherSize is a size of the architecture that this machine is not, and
// otherImage an image for it.
func otherSize() (size, image string) {
	if runtime.GOARCH == "arm64" {
		return "Standard_D2s_v5", "server"
	}
	return "Standard_D2ps_v5", "server-arm64"
}

// with is a copy of inputs with one value changed, by a path such as
// virtualMachineProfile.osProfile.customData; nil takes the value away.
func with(in map[string]any, path string, value any) map[string]any {
	key, rest, nested := strings.Cut(path, ".")
	out := map[string]any{}
	for k, v := range in {
		out[k] = v
	}
	switch {
	case nested:
		inner, _ := in[key].(map[string]any)
		out[key] = with(inner, rest, value)
	case value == nil:
		delete(out, key)
	default:
		out[key] = value
	}
	return out
}

// set is a scale set that nothing is wrong with.
func set() map[string]any {
	return map[string]any{
		"resourceGroupName": "g", "orchestrationMode": "Flexible", "platformFaultDomainCount": 1.0, "zones": []any{"1", "2", "3"},
		"sku": map[string]any{"name": size(), "capacity": 3.0}, "upgradePolicy": map[string]any{"mode": "Manual"},
		"virtualMachineProfile": map[string]any{
			"osProfile": map[string]any{
				"computerNamePrefix": "orchard", "adminUsername": "orchard",
				"linuxConfiguration": map[string]any{
					"disablePasswordAuthentication": true, "ssh": map[string]any{"publicKeys": []any{map[string]any{"path": "/p", "keyData": "k"}}},
				},
			},
			"storageProfile": map[string]any{
				"imageReference": map[string]any{"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": image(), "version": "latest"},
				"osDisk":         map[string]any{"createOption": "FromImage"},
			},
			"networkProfile": map[string]any{
				"networkApiVersion":              "2020-11-01",
				"networkInterfaceConfigurations": []any{map[string]any{"name": "app", "ipConfigurations": []any{map[string]any{"name": "app", "subnet": map[string]any{"id": "/s"}}}}},
			},
		},
	}
}

func health(key string, value any) []any {
	e := map[string]any{
		"name": "health", "publisher": "Microsoft.ManagedServices", "type": "ApplicationHealthLinux", "typeHandlerVersion": "2.0",
		"settings": map[string]any{"protocol": "http", "port": 8080.0, "requestPath": "/livez"},
	}
	return []any{with(e, key, value)}
}

func database() map[string]any {
	return map[string]any{
		"resourceGroupName": "g", "version": "15", "sku": map[string]any{"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"},
		"storage": map[string]any{"storageSizeGB": 32.0}, "availabilityZone": "1",
		"network":    map[string]any{"delegatedSubnetResourceId": "/vnet/subnets/database", "privateDnsZoneArmResourceId": "/zone"},
		"authConfig": map[string]any{"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled"},
	}
}

func balancer() map[string]any {
	return map[string]any{
		"resourceGroupName": "g", "sku": map[string]any{"name": "Standard"},
		"frontendIPConfigurations": []any{map[string]any{"name": "public", "publicIPAddress": map[string]any{"id": "/a"}}},
	}
}

func asked(key string, value any) []any {
	return []any{with(map[string]any{"name": "livez", "protocol": "Http", "port": 8080.0, "requestPath": "/livez"}, key, value)}
}

func balanced(key string, value any) []any {
	return []any{with(map[string]any{
		"name": "public", "protocol": "Tcp", "frontendPort": 80.0, "backendPort": 8080.0, "frontendIPConfiguration": map[string]any{"id": "/f"},
		"backendAddressPool": map[string]any{"id": "/b"}, "probe": map[string]any{"id": "/p"},
	}, key, value)}
}

func guarded(more ...map[string]any) map[string]any {
	return map[string]any{"resourceGroupName": "g", "securityRules": append([]any{open("a", 100)}, anys(more)...)}
}

func anys(maps []map[string]any) []any {
	out := make([]any, len(maps))
	for i, m := range maps {
		out[i] = m
	}
	return out
}

func open(name string, priority float64) map[string]any {
	return map[string]any{
		"name": name, "priority": priority, "direction": "Inbound", "access": "Allow", "protocol": "Tcp", "sourceAddressPrefix": "*",
		"sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "8080",
	}
}

func scaled(path string, value any) map[string]any {
	rule := with(map[string]any{
		"metricTrigger": map[string]any{
			"metricName": "Percentage CPU", "metricResourceUri": "/s", "operator": "GreaterThan", "statistic": "Average", "timeAggregation": "Average",
			"threshold": 60.0, "timeGrain": "PT1M", "timeWindow": "PT5M",
		},
		"scaleAction": map[string]any{"direction": "Increase", "type": "ChangeCount", "cooldown": "PT5M"},
	}, path, value)
	return map[string]any{"resourceGroupName": "g", "targetResourceUri": "/s", "profiles": []any{map[string]any{
		"name": "p", "capacity": map[string]any{"minimum": "3", "maximum": "6", "default": "3"}, "rules": []any{rule},
	}}}
}

func networked(subnets ...any) map[string]any {
	return map[string]any{"resourceGroupName": "g", "addressSpace": map[string]any{"addressPrefixes": []any{"10.0.0.0/16"}}, "subnets": subnets}
}

func ranged(name, cidr string) map[string]any {
	return map[string]any{"name": name, "addressPrefix": cidr}
}

// What Check refuses, by type: the inputs and a part of the first reason.
func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	c := providertest.Connect(t, serve(t, newWorld()), inFrankfurt)
	const profile, os = "virtualMachineProfile.", "virtualMachineProfile.osProfile."
	longScript := base64.StdEncoding.EncodeToString(make([]byte, 65536))
	size, image := otherSize()
	account := map[string]any{"resourceGroupName": "g", "accountName": "orchard", "kind": "StorageV2", "sku": map[string]any{"name": "Standard_ZRS"}}
	for name, test := range map[string]struct {
		typ  string
		in   map[string]any
		want string
	}{
		"subnet outside":          {vnetType, networked(ranged("a", "10.1.0.0/24")), "subnets[0].addressPrefix: is \"10.1.0.0/24\", which is not within"},
		"subnets overlap":         {vnetType, networked(ranged("a", "10.0.0.0/23"), ranged("b", "10.0.1.0/24")), "overlaps with subnet a"},
		"subnet twice":            {vnetType, networked(ranged("a", "10.0.0.0/24"), ranged("a", "10.0.1.0/24")), "subnets[1].name: \"a\" is there twice"},
		"route table":             {vnetType, networked(with(ranged("a", "10.0.0.0/24"), "routeTable", map[string]any{"id": "/r"})), "subnets[0].routeTable: localcloud does not know"},
		"subnet without range":    {vnetType, networked(map[string]any{"name": "a"}), "subnets[0].addressPrefix: is required"},
		"priority out of range":   {nsgType, guarded(open("b", 99)), "securityRules[1].priority: is 99, must be from 100 to 4096"},
		"priority taken":          {nsgType, guarded(open("b", 100)), "securityRules[1].priority: is 100, which the rule a"},
		"rule without a source":   {nsgType, guarded(with(open("b", 200), "sourceAddressPrefix", nil)), "securityRules[1].sourceAddressPrefix: is required"},
		"access in small letters": {nsgType, guarded(with(open("b", 200), "access", "allow")), "securityRules[1].access: is \"allow\", must be one of"},
		"dynamic standard":        {addressType, map[string]any{"resourceGroupName": "g", "sku": map[string]any{"name": "Standard"}}, "must be \"Static\" with the sku Standard"},
		"IPv6":                    {addressType, map[string]any{"resourceGroupName": "g", "publicIPAddressVersion": "IPv6"}, "localcloud can only run \"IPv4\""},
		"zones of a gateway":      {natType, map[string]any{"resourceGroupName": "g", "sku": map[string]any{"name": "Standard"}, "zones": []any{"1", "2"}}, "zones: has 2 items, at most 1"},
		"basic balancer":          {balancerType, with(balancer(), "sku.name", "Basic"), "sku.name: is \"Basic\", localcloud can only run \"Standard\""},
		"probe by TCP":            {balancerType, with(balancer(), "probes", asked("protocol", "Tcp")), "probes[0].protocol: is \"Tcp\", must be Http or Https"},
		"health by TCP":           {setType, with(set(), profile+"extensionProfile.extensions", health("settings.protocol", "tcp")), "extensions[0].settings.protocol: is \"tcp\""},
		"probe without a path":    {balancerType, with(balancer(), "probes", asked("requestPath", nil)), "probes[0].requestPath: is required"},
		"probe of a mail server":  {balancerType, with(balancer(), "probes", asked("port", 25.0)), "probes[0].port: is 25"},
		"rule without a pool":     {balancerType, with(balancer(), "loadBalancingRules", balanced("backendAddressPool", nil)), "loadBalancingRules[0].backendAddressPool: is required"},
		"rule without a probe":    {balancerType, with(balancer(), "loadBalancingRules", balanced("probe", nil)), "loadBalancingRules[0].probe: is required"},
		"idle too short":          {balancerType, with(balancer(), "loadBalancingRules", balanced("idleTimeoutInMinutes", 3.0)), "idleTimeoutInMinutes: is 3, must be from 4"},
		"affinity":                {balancerType, with(balancer(), "loadBalancingRules", balanced("loadDistribution", "SourceIP")), "localcloud can only run \"Default\""},
		"zone of one label":       {zoneType, map[string]any{"resourceGroupName": "g", "location": "global", "privateZoneName": "orchard"}, "privateZoneName: is \"orchard\", must be a domain"},
		"zone somewhere":          {zoneType, map[string]any{"resourceGroupName": "g", "location": location, "privateZoneName": "a.b"}, "location: is \"germanywestcentral\", must be one of"},
		"uniform":                 {setType, with(set(), "orchestrationMode", "Uniform"), "orchestrationMode: is \"Uniform\""},
		"fault domains":           {setType, with(set(), "platformFaultDomainCount", 5.0), "platformFaultDomainCount: is 5, must be 1"},
		"no network version":      {setType, with(set(), profile+"networkProfile.networkApiVersion", nil), "networkApiVersion: is required"},
		"zone twice":              {setType, with(set(), "zones", []any{"1", "1"}), "zones[1]: \"1\" is there twice"},
		"capacity":                {setType, with(set(), "sku.capacity", 1001.0), "sku.capacity: is 1001, must be from 0 to 1000"},
		"system identity":         {setType, with(set(), "identity", map[string]any{"type": "SystemAssigned", "userAssignedIdentities": []any{"/i"}}), "identity.type: is \"SystemAssigned\""},
		"repairs unasked":         {setType, with(set(), "automaticRepairsPolicy", map[string]any{"enabled": true}), "automaticRepairsPolicy: needs the extension"},
		"grace too short":         {setType, with(set(), "automaticRepairsPolicy", map[string]any{"gracePeriod": "PT5M"}), "automaticRepairsPolicy.gracePeriod: is \"PT5M\", must be from PT10M to PT90M"},
		"rolling unasked":         {setType, with(set(), "upgradePolicy.mode", "Rolling"), "upgradePolicy.mode: is \"Rolling\", which needs"},
		"automatic":               {setType, with(set(), "upgradePolicy.mode", "Automatic"), "upgradePolicy.mode: is \"Automatic\", must be Manual or Rolling: localcloud upgrades instances in batches"},
		"batch above unhealthy":   {setType, with(set(), "upgradePolicy.rollingUpgradePolicy", map[string]any{"maxBatchInstancePercent": 30.0}), "maxBatchInstancePercent: is 30, above maxUnhealthyInstancePercent 20"},
		"drain period":            {balancerType, with(balancer(), "backendAddressPools", []any{map[string]any{"name": "app", "drainPeriodInSeconds": 30.0}}), "drainPeriodInSeconds: is 30, localcloud can only run 0"},
		"batch":                   {setType, with(set(), "upgradePolicy.rollingUpgradePolicy", map[string]any{"maxBatchInstancePercent": 2.0}), "maxBatchInstancePercent: is 2, must be from 5 to 100"},
		"script too long":         {setType, with(set(), os+"customData", longScript), "customData: has 65536 bytes"},
		"script not base64":       {setType, with(set(), os+"customData", "#!/bin/bash"), "customData: must be base64-encoded"},
		"reserved user":           {setType, with(set(), os+"adminUsername", "root"), "adminUsername: is \"root\", which is a reserved name"},
		"no key":                  {setType, with(set(), os+"linuxConfiguration.ssh", nil), "ssh.publicKeys: is required"},
		"no password":             {setType, with(set(), os+"linuxConfiguration.disablePasswordAuthentication", false), "adminPassword: is required"},
		"another architecture":    {setType, with(with(set(), "sku.name", size), profile+"storageProfile.imageReference.sku", image), "so localcloud cannot run it"},
		"image of another":        {setType, with(set(), profile+"storageProfile.imageReference.sku", image), "only supports a CPU architecture of"},
		"public instances":        {setType, with(set(), profile+"networkProfile.networkInterfaceConfigurations", []any{map[string]any{"name": "a", "ipConfigurations": []any{map[string]any{"name": "a", "subnet": map[string]any{"id": "/s"}, "publicIPAddressConfiguration": map[string]any{"name": "p", "sku": map[string]any{"name": "Basic"}}}}}}), "publicIPAddressConfiguration.sku.name: is \"Basic\""},
		"health by the balancer":  {setType, with(set(), profile+"networkProfile.healthProbe", map[string]any{"id": "/p"}), "healthProbe: localcloud does not know"},
		"unknown extension":       {setType, with(set(), profile+"extensionProfile.extensions", health("type", "CustomScript")), "extensions[0].type: is \"CustomScript\", must be one of"},
		"extension of another":    {setType, with(set(), profile+"extensionProfile.extensions", health("publisher", "Me")), "extensions[0].publisher: is \"Me\""},
		"extension without port":  {setType, with(set(), profile+"extensionProfile.extensions", health("settings.port", nil)), "settings.port: is required"},
		"extension too eager":     {setType, with(set(), profile+"extensionProfile.extensions", health("settings.intervalInSeconds", 1.0)), "intervalInSeconds: is 1, must be from 5 to 60"},
		"notice too long":         {setType, with(set(), profile+"scheduledEventsProfile.terminateNotificationProfile", map[string]any{"enable": true, "notBeforeTimeout": "PT20M"}), "notBeforeTimeout: is \"PT20M\", must be from PT5M to PT15M"},
		"window too short":        {scaleType, scaled("metricTrigger.timeWindow", "PT2M"), "rules[0].metricTrigger.timeWindow: is \"PT2M\", must be from PT5M"},
		"another metric":          {scaleType, scaled("metricTrigger.metricName", "Network In"), "metricName: is \"Network In\", must be one of"},
		"no cooldown":             {scaleType, scaled("scaleAction.cooldown", nil), "scaleAction.cooldown: is required"},
		"account in capitals":     {accountType, with(account, "accountName", "Orchard"), "accountName: is \"Orchard\", must be lower-case letters and digits"},
		"account too short":       {accountType, with(account, "accountName", "ab"), "at least 3 are needed"},
		"sku of an account":       {accountType, with(account, "sku.name", "Standard_ABC"), "sku.name: is \"Standard_ABC\", must be one of"},
		"closed account":          {accountType, with(account, "publicNetworkAccess", "Disabled"), "publicNetworkAccess: is \"Disabled\""},
		"public container":        {boxType, map[string]any{"resourceGroupName": "g", "accountName": "a", "containerName": "abc", "publicAccess": "Blob"}, "publicAccess: is \"Blob\""},
		"container name":          {boxType, map[string]any{"resourceGroupName": "g", "accountName": "a", "containerName": "a--b"}, "containerName: is \"a--b\""},
		"append blob":             {blobType, map[string]any{"resourceGroupName": "g", "accountName": "a", "containerName": "b", "type": "Append"}, "type: is \"Append\""},
		"role by its name":        {grantType, map[string]any{"scope": "/s", "roleAssignmentName": assignment, "roleDefinitionId": "Reader", "principalId": assignment}, "roleDefinitionId: is \"Reader\", must be the id of a role definition"},
		"assignment without GUID": {grantType, map[string]any{"scope": "/s", "roleAssignmentName": "mine", "roleDefinitionId": blobReader, "principalId": assignment}, "roleAssignmentName: is \"mine\", must be a GUID"},
		"standby in one zone":     {serverType, with(database(), "highAvailability", map[string]any{"mode": "ZoneRedundant", "standbyAvailabilityZone": "1"}), "standbyAvailabilityZone: is \"1\", the zone of the primary"},
		"burstable with standby":  {serverType, with(with(database(), "sku", map[string]any{"name": "Standard_B2s", "tier": "Burstable"}), "highAvailability", map[string]any{"mode": "ZoneRedundant"}), "servers of the tier Burstable do not have"},
		"tier of another size":    {serverType, with(database(), "sku.tier", "MemoryOptimized"), "sku.tier: is \"MemoryOptimized\", but Standard_D2ds_v5 is GeneralPurpose"},
		"public server":           {serverType, with(database(), "network.publicNetworkAccess", "Enabled"), "network.publicNetworkAccess: is \"Enabled\""},
		"no way to log in":        {serverType, with(database(), "authConfig.activeDirectoryAuth", "Disabled"), "no one could log in"},
		"password missing":        {serverType, with(database(), "authConfig", nil), "administratorLogin: and administratorLoginPassword are required"},
		"version too old":         {serverType, with(database(), "version", "11"), "version: is \"11\", must be one of"},
		"retention":               {serverType, with(database(), "backup", map[string]any{"backupRetentionDays": 3.0}), "backupRetentionDays: is 3, must be from 7 to 35"},
		"retention of logs":       {spaceType, map[string]any{"resourceGroupName": "g", "retentionInDays": 800.0}, "retentionInDays: is 800"},
		"nothing to send":         {diagType, map[string]any{"resourceUri": "/r", "workspaceId": "/w"}, "logs: a diagnostic setting needs logs or metrics"},
	} {
		got := c.Reasons(test.typ, "x-name", test.in)
		if len(got) == 0 || !strings.Contains(got[0], test.want) {
			t.Errorf("%s: Check = %q, want the first to contain %q", name, got, test.want)
		}
	}
}

// The inputs that the cases above change are right as they are.
func TestCheckAccepts(t *testing.T) {
	t.Parallel()
	c := providertest.Connect(t, serve(t, newWorld()), inFrankfurt)
	extension := with(set(), "virtualMachineProfile.extensionProfile.extensions", health("name", "health"))
	for typ, in := range map[string]map[string]any{
		setType: extension, serverType: database(), nsgType: guarded(open("b", 200)), scaleType: scaled("scaleAction.value", "2"),
		vnetType: networked(ranged("a", "10.0.0.0/24"), ranged("b", "10.0.1.0/24")), balancerType: with(with(balancer(), "probes", asked("port", 80.0)), "loadBalancingRules", balanced("name", "r")),
	} {
		if got := c.Reasons(typ, "x-name", in); len(got) != 0 {
			t.Errorf("%s: Check = %q, want no failure", typ, got)
		}
	}
}

const (
	inGroup = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/g"
	netID   = inGroup + "/providers/Microsoft.Network/virtualNetworks/n"
)

// smallWorld has a group with a network, a basic address, a zone, an account
// without keys and an identity.
func smallWorld() *providertest.World {
	add := func(typ, id string, outputs map[string]any) world.Resource {
		outputs["name"] = id[strings.LastIndex(id, "/")+1:]
		return world.Resource{
			ID: id, URN: providertest.URN(typ, "old"), Type: typ, Confirmed: true, Inputs: outputs, Outputs: outputs, Private: map[string]any{"location": location},
		}
	}
	account := inGroup + "/providers/Microsoft.Storage/storageAccounts/keyless"
	return newWorld(
		add(groupType, inGroup, map[string]any{}),
		add(vnetType, netID, map[string]any{"subnets": []any{
			map[string]any{"id": netID + "/subnets/app", "name": "app", "addressPrefix": "10.0.0.0/24"},
			map[string]any{"id": netID + "/subnets/database", "name": "database", "delegations": []any{map[string]any{"name": "d"}}},
		}}),
		add(addressType, inGroup+"/providers/Microsoft.Network/publicIPAddresses/basic", map[string]any{"sku": map[string]any{"name": "Basic"}}),
		add(zoneType, inGroup+"/providers/Microsoft.Network/privateDnsZones/orchard.internal", map[string]any{}),
		add(zoneType, inGroup+"/providers/Microsoft.Network/privateDnsZones/o.postgres.database.azure.com", map[string]any{}),
		add(accountType, account, map[string]any{"allowSharedKeyAccess": false}),
		add(boxType, account+"/blobServices/default/containers/releases", map[string]any{}),
		add(identityType, inGroup+"/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app", map[string]any{"principalId": assignment}),
	)
}

func flowLog(watcher, target string) map[string]any {
	return map[string]any{
		"resourceGroupName": "NetworkWatcherRG", "networkWatcherName": watcher, "targetResourceId": target,
		"storageId": inGroup + "/providers/Microsoft.Storage/storageAccounts/keyless", "enabled": true,
	}
}

// What Create refuses as the cloud does: the inputs and the error's code.
func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	c := providertest.Connect(t, serve(t, smallWorld()), inFrankfurt)
	grant := map[string]any{
		"scope": inGroup, "roleAssignmentName": assignment, "roleDefinitionId": blobReader, "principalId": assignment, "principalType": "ServicePrincipal",
	}
	server := with(with(database(), "network.delegatedSubnetResourceId", netID+"/subnets/database"),
		"network.privateDnsZoneArmResourceId", inGroup+"/providers/Microsoft.Network/privateDnsZones/o.postgres.database.azure.com")
	basic := map[string]any{"id": strings.ToLower(inGroup + "/providers/Microsoft.Network/publicIPAddresses/basic")}
	for name, test := range map[string]struct {
		typ  string
		in   map[string]any
		want string
	}{
		"group not there":       {nsgType, map[string]any{"resourceGroupName": "other"}, "ResourceGroupNotFound"},
		"another name":          {vnetType, with(networked(ranged("a", "10.0.0.0/24")), "virtualNetworkName", "N1"), ""},
		"name taken":            {identityType, map[string]any{"resourceGroupName": "G", "resourceName": "APP"}, "cannot create already existing resource '" + inGroup},
		"gateway not there":     {vnetType, networked(with(ranged("a", "10.0.0.0/24"), "natGateway", map[string]any{"id": "/nat"})), "InvalidResourceReference"},
		"basic address":         {natType, map[string]any{"resourceGroupName": "g", "sku": map[string]any{"name": "Standard"}, "publicIpAddresses": []any{basic}}, "NatGatewayAndPublicIpSkuMismatch"},
		"basic front":           {balancerType, with(balancer(), "frontendIPConfigurations", []any{map[string]any{"name": "f", "publicIPAddress": basic}}), "DifferentSkuLoadBalancersAndPublicIPAddressNotAllowed"},
		"subnet not delegated":  {serverType, with(server, "network.delegatedSubnetResourceId", netID+"/subnets/app"), "SubnetNotDelegated"},
		"name of the zone":      {serverType, with(server, "network.privateDnsZoneArmResourceId", inGroup+"/providers/Microsoft.Network/privateDnsZones/orchard.internal"), "PrivateDnsZoneNameNotValid"},
		"everything there":      {serverType, with(server, "serverName", "o--o"), ""},
		"zone not there":        {serverType, with(server, "network.privateDnsZoneArmResourceId", "/none"), "InvalidResourceReference"},
		"another tenant":        {serverType, with(server, "authConfig.tenantId", assignment), "is not that of the subscription"},
		"delegated subnet":      {setType, with(set(), "virtualMachineProfile.networkProfile.networkInterfaceConfigurations", []any{map[string]any{"name": "a", "ipConfigurations": []any{map[string]any{"name": "a", "subnet": map[string]any{"id": netID + "/subnets/database"}}}}}), "is delegated and takes no scale set"},
		"identity not there":    {setType, with(set(), "identity", map[string]any{"type": "UserAssigned", "userAssignedIdentities": []any{"/none"}}), "FailedIdentityOperation"},
		"principal not there":   {grantType, with(grant, "principalId", "99999999-2222-4333-8444-555555555555"), "PrincipalNotFound"},
		"principal of a kind":   {grantType, with(grant, "principalType", "User"), "UnmatchedPrincipalType"},
		"role not there":        {grantType, with(grant, "roleDefinitionId", "/providers/Microsoft.Authorization/roleDefinitions/00000000-6ea1-4ae2-8e65-a410df84e7d1"), "RoleDefinitionDoesNotExist"},
		"scope not there":       {grantType, with(grant, "scope", inGroup+"/providers/x/y/z"), "ResourceNotFound: The scope"},
		"secret of a vault":     {grantType, with(grant, "scope", "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/fruit/secrets/certificate"), ""},
		"key of a vault":        {grantType, with(grant, "scope", "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/fruit/keys/k"), "ResourceNotFound: The scope"},
		"flow log":              {flowLogType, flowLog("NetworkWatcher_germanywestcentral", netID), ""},
		"another watcher":       {flowLogType, flowLog("mine", netID), "ResourceNotFound: The Resource 'Microsoft.Network/networkWatchers/mine'"},
		"flow log of nothing":   {flowLogType, flowLog("NetworkWatcher_germanywestcentral", "/n"), "InvalidResourceReference"},
		"account not there":     {boxType, map[string]any{"resourceGroupName": "g", "accountName": "none", "containerName": "releases"}, "ResourceNotFound"},
		"account without keys":  {blobType, map[string]any{"resourceGroupName": "g", "accountName": "keyless", "containerName": "releases"}, "KeyBasedAuthenticationNotPermitted"},
		"container not there":   {blobType, map[string]any{"resourceGroupName": "g", "accountName": "keyless", "containerName": "none"}, "ContainerNotFound"},
		"server not there":      {postgres + "Database", map[string]any{"resourceGroupName": "g", "serverName": "none"}, "ParentResourceNotFound"},
		"scale set not there":   {scaleType, scaled("scaleAction.value", "1"), "InvalidResourceReference"},
		"link to no zone":       {linkType, map[string]any{"resourceGroupName": "g", "location": "global", "privateZoneName": "a.b", "virtualNetwork": map[string]any{"id": netID}}, "ParentResourceNotFound"},
		"link to no network":    {linkType, map[string]any{"resourceGroupName": "g", "location": "global", "privateZoneName": "orchard.internal", "virtualNetwork": map[string]any{"id": "/n"}}, "InvalidResourceReference"},
		"nowhere to send":       {diagType, map[string]any{"resourceUri": netID, "workspaceId": "/w", "metrics": []any{}}, "InvalidResourceReference"},
		"endpoint not there":    {accountType, map[string]any{"resourceGroupName": "g", "accountName": "orchard", "kind": "StorageV2", "sku": map[string]any{"name": "Standard_ZRS"}, "networkRuleSet": map[string]any{"defaultAction": "Deny", "virtualNetworkRules": []any{map[string]any{"virtualNetworkResourceId": netID + "/subnets/app"}}}}, "NetworkAclsValidationFailure"},
		"another location":      {spaceType, map[string]any{"resourceGroupName": "g", "location": "westeurope"}, "one location a stack"},
		"pool of no balancer":   {setType, with(set(), "virtualMachineProfile.networkProfile.networkInterfaceConfigurations", []any{map[string]any{"name": "a", "ipConfigurations": []any{map[string]any{"name": "a", "subnet": map[string]any{"id": strings.ToUpper(netID) + "/SUBNETS/APP"}, "loadBalancerBackendAddressPools": []any{map[string]any{"id": "/lb/pool"}}}}}}), "InvalidResourceReference: Resource /lb/pool"},
		"administrator nowhere": {postgres + "Administrator", map[string]any{"resourceGroupName": "g", "serverName": "none", "objectId": assignment, "principalName": "app", "principalType": "ServicePrincipal"}, "ParentResourceNotFound"},
	} {
		checked := c.MustCheck(test.typ, "xname", nil, test.in)
		_, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: providertest.URN(test.typ, name), Properties: c.Pack(checked)})
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: Create error = %v, want none", name, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: Create error = %v, want one with %q", name, err, test.want)
		}
	}
}

// What Update and Delete refuse as the cloud does, on a stack that runs.
func TestChangeRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(declared(t)...)
	c := providertest.Connect(t, serve(t, w), inFrankfurt)
	for _, test := range []struct {
		typ, name, path string
		value           any
		want            string
	}{
		{addressType, "public", "zones", []any{"1"}, "ResourceAvailabilityZonesCannotBeModified"},
		{setType, "app", "zones", []any{"1"}, "PropertyChangeNotAllowed"},
		{serverType, "database", "version", "16", "does not upgrade a database from PostgreSQL 15 to 16"},
		{serverType, "database", "network.delegatedSubnetResourceId", "/s", "InvalidResourceReference"},
		{grantType, "read", "roleDefinitionId", "/providers/Microsoft.Authorization/roleDefinitions/ba92f5b4-2d11-453d-a403-e96b0029c9fe", "RoleAssignmentUpdateNotPermitted"},
		{accountType, "releases", "kind", "BlockBlobStorage", "PropertyImmutable"},
		{postgres + "Configuration", "max_connections", "value", "9", "must be from 25 to 5000"},
	} {
		r := providertest.Find(w.Resources(), test.typ, test.name)
		_, err := c.Update(t.Context(), &pulumirpc.UpdateRequest{Urn: r.URN, Id: r.ID, News: c.Pack(with(r.Inputs, test.path, test.value))})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Update of %s of %s: error = %v, want one with %q", test.path, test.name, err, test.want)
		}
	}
	for typ, want := range map[string]string{
		vnetType: "InUseResourceCannotBeDeleted", nsgType: "InUseResourceCannotBeDeleted", natType: "InUseResourceCannotBeDeleted",
		addressType: "InUseResourceCannotBeDeleted", balancerType: "InUseResourceCannotBeDeleted", zoneType: "CannotDeleteResource",
		groupType: "still holds", accountType: "still holds", serverType: "still has", spaceType: "InUseResourceCannotBeDeleted",
		identityType: "InUseResourceCannotBeDeleted",
	} {
		r := w.Of(typ)[0]
		_, err := c.Delete(t.Context(), &pulumirpc.DeleteRequest{Id: r.ID, Urn: r.URN})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Delete of %s: error = %v, want one with %q", typ, err, want)
		}
	}
}
