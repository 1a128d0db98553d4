package azurestack

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/settings"
	"orchard/infra/internal/settings/settingstest"
)

// TestPitfalls has one row for each trap that others fell into on Azure, and
// looks at both topologies.
func TestPitfalls(t *testing.T) {
	for _, pitfall := range []struct {
		name  string
		check func(t *testing.T, r *fakecloud.Recorder)
	}{
		{"zones leave one fault domain", func(t *testing.T, r *fakecloud.Recorder) {
			eachGroup(t, r, map[string]any{"platformFaultDomainCount": 1.0, "orchestrationMode": "Flexible", "singlePlacementGroup": false})
		}},
		{"a flexible scale set names the network's API version", func(t *testing.T, r *fakecloud.Recorder) {
			eachGroup(t, r, map[string]any{profile + "networkProfile.networkApiVersion": "2020-11-01"})
		}},
		{"custom data reaches new instances alone, so releases roll with a surge", func(t *testing.T, r *fakecloud.Recorder) {
			eachGroup(t, r, map[string]any{"upgradePolicy.mode": "Rolling", "upgradePolicy.rollingUpgradePolicy.maxSurge": true})
		}},
		{"the engine's blob needs the account's key", func(t *testing.T, r *fakecloud.Recorder) {
			fakecloud.Expect(t, fakecloud.Only(t, r, accountType), map[string]any{"allowSharedKeyAccess": true, "allowBlobPublicAccess": false})
		}},
		{"subnets are inline, under an API that keeps them", noneOf(":Subnet")},
		{"subnets are not written at the same time", noneOf(":Subnet", ":SecurityRule", ":Probe", ":BackendAddressPool")},
		{"a new identity's principal is not found for a while", stableAssignment},
		{"a database server takes one change at a time", oneAfterTheOther},
		{"a failover swaps the zones", func(t *testing.T, r *fakecloud.Recorder) {
			ignores(t, fakecloud.Only(t, r, serverType), "availabilityZone", "highAvailability.standbyAvailabilityZone")
		}},
		{"the private zone's name is not any name", privateZone},
		{"a burstable class has no standby", noBurstableStandby},
		{"autoscale and declaration both want to set the capacity", func(t *testing.T, r *fakecloud.Recorder) {
			for _, group := range r.Of(groupType) {
				ignores(t, group, "sku.capacity")
			}
		}},
		{"there is no way out by default", wayOut},
		{"a scale set takes one source of health", func(t *testing.T, r *fakecloud.Recorder) {
			eachGroup(t, r, map[string]any{
				profile + "extensionProfile.extensions[0].type":               "ApplicationHealthLinux",
				profile + "extensionProfile.extensions[0].typeHandlerVersion": "2.0",
			})
			for _, group := range r.Of(groupType) {
				if _, ok := fakecloud.At(t, group, profile+"networkProfile").(map[string]any)["healthProbe"]; ok {
					t.Errorf("scale set %s has the balancer's probe too", group.Name)
				}
			}
		}},
		{"a hung machine is routed around, a stopped one repaired", func(t *testing.T, r *fakecloud.Recorder) {
			eachGroup(t, r, map[string]any{
				"automaticRepairsPolicy.enabled": true, "automaticRepairsPolicy.repairAction": "Replace", "automaticRepairsPolicy.gracePeriod": "PT10M",
			})
			probe := balancerID(t, r) + "/probes/livez"
			fakecloud.Expect(t, fakecloud.Only(t, r, balancerType), map[string]any{"loadBalancingRules[0].probe.id": probe})
		}},
		{"a strict balance of zones stops scaling", func(t *testing.T, r *fakecloud.Recorder) {
			for _, group := range r.Of(groupType) {
				balance, set := group.Inputs["zoneBalance"]
				if several := len(group.Inputs["zones"].ArrayValue()) > 1; set != several || set && balance.BoolValue() {
					t.Errorf("scale set %s: zoneBalance is %v, want false over several zones and none in one", group.Name, balance)
				}
			}
		}},
		{"dashboards of a typed version show text alone", chartsOfMetrics},
		{"a key vault's name stays taken", noneOf("azure-native:keyvault")},
		{"a token ends, so none is given in advance", noPassword},
		{"balancer and address are of one kind, and its zones stay", func(t *testing.T, r *fakecloud.Recorder) {
			fakecloud.Expect(t, fakecloud.Only(t, r, balancerType), map[string]any{"sku.name": "Standard"})
			for _, address := range r.Of(addressType) {
				fakecloud.Expect(t, address, map[string]any{"sku.name": "Standard", "publicIPAllocationMethod": "Static"})
			}
			if got := len(r.Of(addressType)["public"].Inputs["zones"].ArrayValue()); got != 3 {
				t.Errorf("the public address is in %d zones, want 3", got)
			}
		}},
		{"a NAT gateway lies in one zone, so boot does not need it", func(t *testing.T, r *fakecloud.Recorder) {
			nat := fakecloud.Only(t, r, natType)
			fakecloud.Expect(t, nat, map[string]any{"zones[0]": "1", "sku.name": "Standard"})
			if n := len(nat.Inputs["zones"].ArrayValue()); n != 1 {
				t.Errorf("the NAT gateway names %d zones, want 1", n)
			}
			fakecloud.Expect(t, fakecloud.Only(t, r, networkType), map[string]any{"subnets[0].serviceEndpoints[0].service": "Microsoft.Storage"})
		}},
		{"a balancer's parts name each other by ids made by hand", selfReferences},
	} {
		t.Run(pitfall.name, func(t *testing.T) { both(t, pitfall.check) })
	}
}

func eachGroup(t *testing.T, r *fakecloud.Recorder, want map[string]any) {
	t.Helper()
	for _, group := range r.Of(groupType) {
		fakecloud.Expect(t, group, want)
	}
}

func ignores(t *testing.T, r fakecloud.Resource, want ...string) {
	t.Helper()
	if !slices.Equal(r.Ignores, want) {
		t.Errorf("%s %s ignores changes of %v, want %v", r.Type, r.Name, r.Ignores, want)
	}
}

// noneOf fails when a type has one of the parts in its token.
func noneOf(parts ...string) func(*testing.T, *fakecloud.Recorder) {
	return func(t *testing.T, r *fakecloud.Recorder) {
		for _, each := range r.Resources() {
			for _, part := range parts {
				if strings.Contains(each.Type+" ", part+" ") || !strings.HasPrefix(part, ":") && strings.Contains(each.Type, part) {
					t.Errorf("%s %s is declared, want none of %s", each.Type, each.Name, part)
				}
			}
		}
		if want := "network/v20240501:"; !strings.Contains(networkType, want) {
			t.Errorf("the network is of %s, want an API of 2023-11-01 or newer (%s)", networkType, want)
		}
	}
}

// stableAssignment: the directory is not asked, and the name never changes.
func stableAssignment(t *testing.T, r *fakecloud.Recorder) {
	grant := fakecloud.Only(t, r, grantType)
	fakecloud.Expect(t, grant, map[string]any{
		"principalType":      "ServicePrincipal",
		"roleAssignmentName": stableGUID(grant.Inputs["scope"].StringValue(), "principal-of-app", storageBlobDataReader),
	})
}

// oneAfterTheOther follows the chain from the server to its administrator.
func oneAfterTheOther(t *testing.T, r *fakecloud.Recorder) {
	const kind = "azure-native:dbforpostgresql/v20240801:"
	chain := []string{
		"Server database", "Configuration require_secure_transport", "Configuration ssl_min_protocol_version",
		"Configuration max_connections", "Configuration log_connections", "Configuration log_disconnections", "Configuration log_checkpoints",
		"Configuration logfiles.download_enable", "Configuration logfiles.retention_days",
		"Configuration shared_preload_libraries", "Configuration pgaudit.log", "Database orchard", "Administrator admin",
	}
	for i, each := range chain[1:] {
		token, name, _ := strings.Cut(kind+each, " ")
		fakecloud.Needs(t, r.Of(token)[name], kind+chain[i])
	}
}

// privateZone: its end is prescribed, it is not the server's name, and the
// server waits for its link to the network.
func privateZone(t *testing.T, r *fakecloud.Recorder) {
	name := fakecloud.At(t, fakecloud.Only(t, r, dnsType), "privateZoneName").(string)
	server := fakecloud.Only(t, r, serverType)
	own := server.Inputs["serverName"].StringValue()
	if !strings.HasSuffix(name, ".postgres.database.azure.com") || strings.HasPrefix(name, own+".") {
		t.Errorf("private zone %s of server %s: want another name with the end .postgres.database.azure.com", name, own)
	}
	fakecloud.Needs(t, server, linkType+" database")
	fakecloud.Expect(t, server, map[string]any{"network.publicNetworkAccess": "Disabled"})
	if got := fakecloud.At(t, server, "network.privateDnsZoneArmResourceId").(string); !strings.HasSuffix(got, "/privateDnsZones/"+name) {
		t.Errorf("the server's zone is %s, want %s", got, name)
	}
}

// noBurstableStandby is refused before anything is declared.
func noBurstableStandby(t *testing.T, _ *fakecloud.Recorder) {
	config := settingstest.Defaults(t).With(dev).With(map[string]string{"databaseClass": "Standard_B2s"})
	if _, err := settings.Parse("dev-azure", config.Get, config.Names()); err == nil || !strings.Contains(err.Error(), "burstable") {
		t.Errorf("a standby of Standard_B2s: got error %v, want a refusal", err)
	}
}

// wayOut: it exists before the first instance boots.
func wayOut(t *testing.T, r *fakecloud.Recorder) {
	nat := groupID + "/providers/Microsoft.Network/natGateways/nat1a2b3c4d"
	fakecloud.Expect(t, fakecloud.Only(t, r, networkType), map[string]any{
		"subnets[0].natGateway.id": nat, "subnets[0].defaultOutboundAccess": false, "subnets[1].defaultOutboundAccess": false,
	})
	for _, group := range r.Of(groupType) {
		fakecloud.Needs(t, group, natType+" nat", networkType+" network")
	}
}

// chartsOfMetrics: a tile of a chart keeps its metrics.
func chartsOfMetrics(t *testing.T, r *fakecloud.Recorder) {
	charts := 0
	for _, part := range fakecloud.At(t, fakecloud.Only(t, r, dashboardType), "properties.lenses[0].parts").([]any) {
		tile := part.(map[string]any)["metadata"].(map[string]any)
		if tile["type"] != chartPart {
			continue
		}
		charts++
		content := tile["settings"].(map[string]any)["content"].(map[string]any)
		chart := content["options"].(map[string]any)["chart"].(map[string]any)
		if len(chart["metrics"].([]any)) == 0 {
			t.Errorf("the chart %v has no metrics", chart["title"])
		}
	}
	if charts == 0 {
		t.Error("the dashboard has no chart")
	}
}

// noPassword: neither the server nor an instance is given one.
func noPassword(t *testing.T, r *fakecloud.Recorder) {
	if _, ok := fakecloud.Only(t, r, serverType).Inputs[resource.PropertyKey("administratorLoginPassword")]; ok {
		t.Error("the server has a password")
	}
	for _, group := range r.Of(groupType) {
		script, err := base64.StdEncoding.DecodeString(fakecloud.At(t, group, profile+"osProfile.customData").(string))
		if err != nil || strings.Contains(string(script), "PASSWORD") || strings.Count(string(script), "ORCHARD_DATABASE_AUTH=azure-entra\n") != 2 {
			t.Errorf("scale set %s: want custom data with tokens for service and migration and no password (%v)", group.Name, err)
		}
	}
}

func balancerID(t *testing.T, r *fakecloud.Recorder) string {
	t.Helper()
	balancer := fakecloud.Only(t, r, balancerType)
	return groupID + "/providers/Microsoft.Network/loadBalancers/" + balancer.Inputs["loadBalancerName"].StringValue()
}

// selfReferences: every id leads to a part that is there, and instances come
// after the rule, which is declared with the balancer.
func selfReferences(t *testing.T, r *fakecloud.Recorder) {
	own := balancerID(t, r)
	balancer := fakecloud.Only(t, r, balancerType)
	fakecloud.Expect(t, balancer, map[string]any{
		"loadBalancingRules[0].frontendIPConfiguration.id": own + "/frontendIPConfigurations/" + fakecloud.At(t, balancer, "frontendIPConfigurations[0].name").(string),
		"loadBalancingRules[0].backendAddressPool.id":      own + "/backendAddressPools/" + fakecloud.At(t, balancer, "backendAddressPools[0].name").(string),
		"loadBalancingRules[0].probe.id":                   own + "/probes/" + fakecloud.At(t, balancer, "probes[0].name").(string),
	})
	for _, group := range r.Of(groupType) {
		fakecloud.Needs(t, group, balancerType+" public")
		fakecloud.Expect(t, group, map[string]any{
			profile + "networkProfile.networkInterfaceConfigurations[0].ipConfigurations[0].loadBalancerBackendAddressPools[0].id": own + "/backendAddressPools/app",
			profile + "networkProfile.networkInterfaceConfigurations[0].ipConfigurations[0].subnet.id":                             groupID + "/providers/Microsoft.Network/virtualNetworks/network1a2b3c4d/subnets/app",
		})
	}
}
