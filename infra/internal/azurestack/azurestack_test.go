package azurestack

import (
	"encoding/base64"
	"encoding/binary"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"orchard/infra/internal/bootstrap"
	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/settings"
)

const profile = "virtualMachineProfile."

// TestGivenNames: what must be given a name has a valid one.
func TestGivenNames(t *testing.T) {
	given := map[string]*regexp.Regexp{
		"loadBalancerName": regexp.MustCompile(`^orchard-public-[0-9a-f]{10}$`),
		"accountName":      regexp.MustCompile(`^[a-z0-9]{3,24}$`),
		"serverName":       regexp.MustCompile(`^orchard-[0-9a-f]{10}$`),
		"resourceName":     regexp.MustCompile(`^orchard-(app|admin)-[0-9a-f]{10}$`),
	}
	both(t, func(t *testing.T, r *fakecloud.Recorder) {
		for _, each := range r.Resources() {
			if len(each.Name) > 24 {
				t.Errorf("%s %s has a name of %d characters, want at most 24", each.Type, each.Name, len(each.Name))
			}
			for key, shape := range given {
				value, ok := each.Inputs[resource.PropertyKey(key)]
				if ok && !shape.MatchString(value.StringValue()) {
					t.Errorf("%s %s has the %s %q, want one that matches %s", each.Type, each.Name, key, value.StringValue(), shape)
				}
			}
		}
	})
}

// TestNamesAreLeftToTheEngine: a fixed name stands in its own way when its
// resource is replaced.
func TestNamesAreLeftToTheEngine(t *testing.T) {
	both(t, func(t *testing.T, r *fakecloud.Recorder) {
		for _, each := range r.Resources() {
			for _, key := range []string{
				"resourceGroupName", "virtualNetworkName", "networkSecurityGroupName", "natGatewayName", "publicIpAddressName",
				"vmScaleSetName", "autoscaleSettingName", "workspaceName", "virtualNetworkLinkName", "containerName",
			} {
				value, ok := each.Inputs[resource.PropertyKey(key)]
				own := strings.EqualFold(strings.TrimSuffix(key, "Name"), each.Type[strings.LastIndex(each.Type, ":")+1:])
				if ok && own {
					t.Errorf("%s %s has the fixed %s %v", each.Type, each.Name, key, value)
				}
			}
		}
	})
}

func TestEveryResourceNamesTheProvider(t *testing.T) {
	both(t, func(t *testing.T, r *fakecloud.Recorder) {
		for _, each := range r.Resources() {
			if each.Type != "pulumi:providers:azure-native" && !strings.Contains(each.Provider, "pulumi:providers:azure-native::azure::") {
				t.Errorf("%s %s uses the provider %q, want the stack's own", each.Type, each.Name, each.Provider)
			}
		}
	})
}

func TestTypes(t *testing.T) {
	both(t, func(t *testing.T, r *fakecloud.Recorder) {
		for token, n := range map[string]int{
			"azure-native:resources:ResourceGroup": 1, networkType: 1, securityType: 2, addressType: 2, natType: 1,
			balancerType: 1, dnsType: 1, linkType: 1, accountType: 1, containerType: 1, blobType: 1, grantType: 1,
			serverType: 1, "azure-native:dbforpostgresql/v20240801:Administrator": 1,
			"azure-native:dbforpostgresql/v20240801:Database": 1, "azure-native:dbforpostgresql/v20240801:Configuration": 10,
			"azure-native:managedidentity/v20230131:UserAssignedIdentity": 2,
			"azure-native:operationalinsights/v20250201:Workspace":        1,
			"azure-native:insights/v20210501preview:DiagnosticSetting":    2,
			"azure-native:insights/v20230101:ActionGroup":                 1, dashboardType: 1,
			policyType: len(r.Of(groupType)),
		} {
			if got := len(r.Of(token)); got != n {
				t.Errorf("%s: got %d, want %d", token, got, n)
			}
		}
	})
}

// TestLaunchTemplate: no password, no public address, and who the instance is.
func TestLaunchTemplate(t *testing.T) {
	both(t, func(t *testing.T, r *fakecloud.Recorder) {
		for _, group := range r.Of(groupType) {
			fakecloud.Expect(t, group, map[string]any{
				profile + "osProfile.linuxConfiguration.disablePasswordAuthentication":                true,
				profile + "osProfile.linuxConfiguration.patchSettings.patchMode":                      "AutomaticByPlatform",
				profile + "storageProfile.imageReference.sku":                                         "server-arm64",
				profile + "networkProfile.networkInterfaceConfigurations[0].ipConfigurations[0].name": "app",
				profile + "scheduledEventsProfile.terminateNotificationProfile.enable":                true,
				"sku.name":                           "Standard_B2pls_v2",
				"upgradePolicy.mode":                 "Rolling",
				"identity.type":                      "UserAssigned",
				"identity.userAssignedIdentities[0]": identityID("app"),
				"identity.userAssignedIdentities[1]": identityID("admin"),
			})
			ip := fakecloud.At(t, group, profile+"networkProfile.networkInterfaceConfigurations[0].ipConfigurations[0]").(map[string]any)
			if _, ok := ip["publicIPAddressConfiguration"]; ok {
				t.Errorf("scale set %s gives its instances public addresses", group.Name)
			}
			if system := fakecloud.At(t, group, profile+"osProfile").(map[string]any); system["adminPassword"] != nil {
				t.Errorf("scale set %s has a password", group.Name)
			}
		}
	})
}

func identityID(name string) string {
	return groupID + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/orchard-" + name + "-" + suffix
}

// Where the tests' stack lies.
const groupID = "/subscriptions/" + fakecloud.Subscription + "/resourceGroups/orchard1a2b3c4d"

var suffix = digestOf("orchard", "dev-azure", groupID)[:10]

// TestTrustedLaunch: signed boot wherever Azure has it, which is not on Arm.
func TestTrustedLaunch(t *testing.T) {
	fakecloud.Expect(t, fakecloud.Only(t, record(t, map[string]string{"architecture": "x86_64"}), groupType), map[string]any{
		profile + "securityProfile.securityType":                   "TrustedLaunch",
		profile + "securityProfile.uefiSettings.secureBootEnabled": true,
		profile + "securityProfile.uefiSettings.vTpmEnabled":       true,
	})
	arm := fakecloud.Only(t, record(t, map[string]string{"encryptionAtHost": "true"}), groupType)
	if security := fakecloud.At(t, arm, profile+"securityProfile").(map[string]any); len(security) != 1 {
		t.Errorf("on arm64: got the security profile %v, want encryptionAtHost alone", security)
	}
}

// TestEncryptionAtHost: false is left out, for naming it fails where the
// subscription lacks the feature.
func TestEncryptionAtHost(t *testing.T) {
	on := fakecloud.Only(t, record(t, map[string]string{"encryptionAtHost": "true"}), groupType)
	fakecloud.Expect(t, on, map[string]any{profile + "securityProfile.encryptionAtHost": true})
	off := fakecloud.Only(t, record(t, map[string]string{"architecture": "x86_64"}), groupType)
	if security := fakecloud.At(t, off, profile+"securityProfile").(map[string]any); len(security) != 2 {
		t.Errorf("without encryption at host: got the security profile %v, want securityType and uefiSettings alone", security)
	}
}

func TestUserDataNamesWhatIsDeclared(t *testing.T) {
	group := fakecloud.Only(t, record(t, nil), groupType)
	script, err := base64.StdEncoding.DecodeString(fakecloud.At(t, group, profile+"osProfile.customData").(string))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"https://orchard" + suffix + ".blob.core.windows.net/$1", "releases1a2b3c4d/releases/" + strings.Repeat("ab", 32) + "/orchard\" ",
		"&client_id=client-of-app\"", "\nAZURE_CLIENT_ID=client-of-app\n", "\nAZURE_CLIENT_ID=client-of-admin\n",
		"\nORCHARD_APP_PRINCIPAL=principal-of-app\n", "\nORCHARD_APP_ROLE=orchard_app\n",
		"postgres://orchard-admin-" + suffix + "@$database", "ORCHARD_DATABASE_POOL=6",
		`database="orchard-` + suffix + `.postgres.database.azure.com:5432/orchard?sslmode=verify-full$trust"`,
	} {
		if !strings.Contains(string(script), want) {
			t.Errorf("custom data does not say %s", want)
		}
	}
}

// TestNobodysKey is of the form that an SSH server reads (RFC 8709).
func TestNobodysKey(t *testing.T) {
	t.Parallel()
	fields := strings.Fields(nobodysKey())
	wire, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil || len(fields) != 3 || len(wire) != 4+11+4+32 {
		t.Fatalf("key %v: %v, want three fields and 51 bytes", fields, err)
	}
	kind, point := binary.BigEndian.Uint32(wire), binary.BigEndian.Uint32(wire[15:])
	if kind != 11 || string(wire[4:15]) != fields[0] || point != 32 {
		t.Errorf("key %x: got lengths %d and %d of kind and point", wire, kind, point)
	}
}

// TestGroupWaits: an instance that boots too early fails and stays failed.
func TestGroupWaits(t *testing.T) {
	both(t, func(t *testing.T, r *fakecloud.Recorder) {
		for _, group := range r.Of(groupType) {
			fakecloud.Needs(t, group,
				natType+" nat", networkType+" network", securityType+" app", securityType+" database",
				balancerType+" public", blobType+" release", grantType+" read-release",
				"azure-native:dbforpostgresql/v20240801:Administrator admin",
				"azure-native:dbforpostgresql/v20240801:Database orchard",
			)
		}
	})
}

func TestTopologies(t *testing.T) {
	type size struct {
		Zones    string
		Capacity float64
		Min, Max string
	}
	sizes := func(r *fakecloud.Recorder) map[string]size {
		got := map[string]size{}
		for name, g := range r.Of(groupType) {
			var zones []string
			for _, zone := range g.Inputs["zones"].ArrayValue() {
				zones = append(zones, zone.StringValue())
			}
			policy := r.Of(policyType)["cpu-"+name]
			got[name] = size{
				strings.Join(zones, ","), fakecloud.At(t, g, "sku.capacity").(float64),
				fakecloud.At(t, policy, "profiles[0].capacity.minimum").(string), fakecloud.At(t, policy, "profiles[0].capacity.maximum").(string),
			}
		}
		return got
	}
	regional := map[string]size{"app": {"1,2,3", 3, "3", "6"}}
	if diff := cmp.Diff(regional, sizes(record(t, nil))); diff != "" {
		t.Errorf("regional groups (-want +got):\n%s", diff)
	}
	zonal := map[string]size{"app-1": {"1", 1, "1", "2"}, "app-2": {"2", 1, "1", "2"}, "app-3": {"3", 1, "1", "2"}}
	if diff := cmp.Diff(zonal, sizes(record(t, map[string]string{"topology": "zonal"}))); diff != "" {
		t.Errorf("zonal groups (-want +got):\n%s", diff)
	}
}

// TestNoFlapping: giving an instance back never makes the rest busy enough to
// ask for one more.
func TestNoFlapping(t *testing.T) {
	t.Parallel()
	for target := 10; target <= 90; target++ {
		for min := 1; min <= 20; min++ {
			below := scaleInBelow(target, min)
			for n := min + 1; n <= min+40; n++ {
				if after := below * float64(n) / float64(n-1); after >= float64(target) {
					t.Fatalf("target %d, min %d: %d instances under %.0f %% become %d at %.1f %%, which scales out again", target, min, n, below, n-1, after)
				}
			}
			if below < 1 {
				t.Errorf("target %d, min %d: scale in below %.0f %% never happens", target, min, below)
			}
		}
	}
}

// TestPolicy: one rule out and one in, on the group's own processors.
func TestPolicy(t *testing.T) {
	both(t, func(t *testing.T, r *fakecloud.Recorder) {
		for name, policy := range r.Of(policyType) {
			fakecloud.Expect(t, policy, map[string]any{
				"enabled": true,
				"profiles[0].rules[0].metricTrigger.metricName": "Percentage CPU",
				"profiles[0].rules[0].metricTrigger.operator":   "GreaterThan",
				"profiles[0].rules[0].metricTrigger.threshold":  50.0,
				"profiles[0].rules[0].scaleAction.direction":    "Increase",
				"profiles[0].rules[1].metricTrigger.operator":   "LessThan",
				"profiles[0].rules[1].scaleAction.direction":    "Decrease",
			})
			target := fakecloud.At(t, policy, "targetResourceUri")
			for _, path := range []string{"profiles[0].rules[0].metricTrigger.metricResourceUri", "profiles[0].rules[1].metricTrigger.metricResourceUri"} {
				if got := fakecloud.At(t, policy, path); got != target {
					t.Errorf("policy %s: %s is %v, want %v", name, path, got, target)
				}
			}
		}
	})
}

func TestDatabase(t *testing.T) {
	db := fakecloud.Only(t, record(t, nil), serverType)
	fakecloud.Expect(t, db, map[string]any{
		"version": "15", "authConfig.passwordAuth": "Disabled", "authConfig.activeDirectoryAuth": "Enabled",
		"authConfig.tenantId": fakecloud.Tenant, "network.publicNetworkAccess": "Disabled", "storage.autoGrow": "Enabled",
		"sku.name": "Standard_D2ds_v5", "sku.tier": "GeneralPurpose",
		"highAvailability.mode": "ZoneRedundant", "availabilityZone": "1", "highAvailability.standbyAvailabilityZone": "2",
	})
	for _, absent := range []string{"administratorLogin", "administratorLoginPassword"} {
		if _, ok := db.Inputs[resource.PropertyKey(absent)]; ok {
			t.Errorf("the database has the input %s", absent)
		}
	}
	single := fakecloud.Only(t, record(t, map[string]string{"databaseMultiAz": "false", "databaseClass": "Standard_B1ms"}), serverType)
	fakecloud.Expect(t, single, map[string]any{"highAvailability.mode": "Disabled", "sku.tier": "Burstable"})
}

// TestProtection is the engine's: it keeps what holds data or traffic.
func TestProtection(t *testing.T) {
	for _, c := range []struct {
		set  string
		want []string
	}{
		{"false", nil},
		{"true", []string{serverType, balancerType, accountType}},
	} {
		var got []string
		for _, each := range record(t, map[string]string{"deletionProtection": c.set}).Resources() {
			if each.Protected {
				got = append(got, each.Type)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("protected with deletionProtection %s (-want +got):\n%s", c.set, diff)
		}
	}
}

// TestDatabaseHasNoWayOut: its subnet has no NAT gateway and no default way,
// and its group lets nothing to the internet.
func TestDatabaseHasNoWayOut(t *testing.T) {
	r := record(t, nil)
	for i, name := range []string{"app", "database"} {
		subnet := fakecloud.At(t, fakecloud.Only(t, r, networkType), "subnets").([]any)[i].(map[string]any)
		if _, leads := subnet["natGateway"]; subnet["name"] != name || leads != (name == "app") || subnet["defaultOutboundAccess"] != false {
			t.Errorf("subnet %d: got %v, want %s, with a NAT gateway for app alone", i, subnet, name)
		}
	}
	for _, rule := range fakecloud.At(t, r.Of(securityType)["database"], "securityRules").([]any) {
		if rule := rule.(map[string]any); rule["access"] == "Allow" && rule["destinationAddressPrefix"] == clients {
			t.Errorf("rule %v lets the database to the internet", rule["name"])
		}
	}
}

// TestRules: only the service is open to the world, and each direction of a
// group ends by denying the rest.
func TestRules(t *testing.T) {
	for name, group := range record(t, nil).Of(securityType) {
		priorities := map[float64]bool{}
		denied := map[string]bool{}
		for _, rule := range fakecloud.At(t, group, "securityRules").([]any) {
			rule := rule.(map[string]any)
			open := rule["direction"] == "Inbound" && rule["access"] == "Allow" && slices.Contains([]any{clients, anywhere}, rule["sourceAddressPrefix"])
			if open != (rule["name"] == "app-clients") {
				t.Errorf("rule %v: open to the world is %v", rule["name"], open)
			}
			if port := rule["destinationPortRange"]; rule["access"] == "Allow" && (port == "22" || port == "3389" || port == anywhere) {
				t.Errorf("rule %v opens the port %v", rule["name"], port)
			}
			if rule["access"] == "Deny" && rule["priority"] == 4096.0 {
				denied[rule["direction"].(string)] = true
				continue
			}
			if p := rule["priority"].(float64); priorities[p] || p < 100 || p > 4095 {
				t.Errorf("rule %v has the priority %v, which another has or which is out of range", rule["name"], p)
			} else {
				priorities[p] = true
			}
		}
		if !denied["Inbound"] || !denied["Outbound"] {
			t.Errorf("group %s denies the rest for %v, want both directions", name, denied)
		}
	}
}

// TestLeastPrivilege: one role, at the container, for one identity.
func TestLeastPrivilege(t *testing.T) {
	grant := fakecloud.Only(t, record(t, nil), grantType)
	container := groupID + "/providers/Microsoft.Storage/storageAccounts/orchard" + suffix + "/blobServices/default/containers/releases1a2b3c4d"
	fakecloud.Expect(t, grant, map[string]any{
		"scope":       container,
		"principalId": "principal-of-app",
		"roleDefinitionId": "/subscriptions/" + fakecloud.Subscription +
			"/providers/Microsoft.Authorization/roleDefinitions/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
	})
}

func TestListener(t *testing.T) {
	balancer := fakecloud.Only(t, record(t, map[string]string{"listenerPort": "8080"}), balancerType)
	fakecloud.Expect(t, balancer, map[string]any{
		"loadBalancingRules[0].protocol": "Tcp", "loadBalancingRules[0].frontendPort": 8080.0, "loadBalancingRules[0].backendPort": 8080.0,
		"loadBalancingRules[0].enableTcpReset": true, "probes[0].protocol": "Http", "probes[0].requestPath": "/livez",
		"probes[0].noHealthyBackendsBehavior": "AllProbedUp",
	})
}

func TestLookUps(t *testing.T) {
	if got := record(t, nil).Calls(); !slices.Equal(got, []string{"azure-native:authorization:getClientConfig"}) {
		t.Errorf("got the look-ups %v, want the subscription alone", got)
	}
	r := record(t, map[string]string{"image": "Canonical:ubuntu-24_04-lts:minimal:24.04.202501010"})
	fakecloud.Expect(t, fakecloud.Only(t, r, groupType), map[string]any{profile + "storageProfile.imageReference.version": "24.04.202501010"})
}

func TestTierRange(t *testing.T) {
	t.Parallel()
	for tier, want := range map[int]string{publicTier: "10.7.0.0/18", appTier: "10.7.64.0/18", databaseTier: "10.7.128.0/18"} {
		if got, err := tierRange("10.7.0.0/16", tier); got != want || err != nil {
			t.Errorf("tier %d: got %s, %v, want %s", tier, got, err, want)
		}
	}
	for _, tier := range []int{-1, 4} {
		if got, err := tierRange("10.7.0.0/16", tier); err == nil {
			t.Errorf("tier %d: got %s, want an error", tier, got)
		}
	}
}

func TestStableGUID(t *testing.T) {
	t.Parallel()
	shape := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$`)
	one, other := stableGUID("/Sub/A", "b"), stableGUID("/sub/a", "c")
	if !shape.MatchString(one) || one == other || one != stableGUID("/sub/a", "B") {
		t.Errorf("got %s and %s, want two GUIDs that do not depend on case", one, other)
	}
}

// TestSizes: the drain must outlast the check that finds it, and end before
// the machine does.
func TestSizes(t *testing.T) {
	t.Parallel()
	if notice := checkThreshold*checkInterval + checkTimeout; drain <= notice {
		t.Errorf("drain %s must be above %s", drain, notice)
	}
	if last := (bootstrap.Service{Drain: drain}).StopTimeout(); terminateNotice <= last {
		t.Errorf("a machine goes %s after its notice, and its service may take %s to stop", terminateNotice, last)
	}
	if len(settings.AzureZones) != settings.Zones {
		t.Errorf("%d zones are known and %d are needed", len(settings.AzureZones), settings.Zones)
	}
}
