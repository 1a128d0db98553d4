package azure_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/provider/azure"
	"orchard/localcloud/internal/provider/providertest"
	"orchard/localcloud/internal/world"
)

// whole is a stack on record: what the engine's program leaves in a world. It
// is made once, by the test that asks first.
var (
	whole     []world.Resource
	wholeOnce sync.Once
)

func declared(t *testing.T) []world.Resource {
	t.Helper()
	wholeOnce.Do(func() {
		w := newWorld()
		providertest.Up(t, newStack(t, serve(t, w), standard(t)))
		whole = w.Resources()
	})
	if len(whole) == 0 {
		t.Fatal("the stack that this test starts from did not go up")
	}
	return clone(t, whole)
}

// clone copies resources with all their values, as a file of them would.
func clone(t *testing.T, resources []world.Resource) []world.Resource {
	t.Helper()
	text, err := json.Marshal(resources)
	if err != nil {
		t.Fatal(err)
	}
	var out []world.Resource
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// part finds a named entry of a list in a resource's outputs.
func part(r world.Resource, property, name string) map[string]any {
	for _, p := range r.Outputs[property].([]any) {
		if p := p.(map[string]any); p["name"] == name {
			return p
		}
	}
	return nil
}

// A world is built and taken down one resource at a time: every part of a
// stack translates.
func TestDeclareParts(t *testing.T) {
	t.Parallel()
	providertest.EveryPart(t, translates, declared(t))
}

func TestDeclareBalancer(t *testing.T) {
	t.Parallel()
	all := declared(t)
	d, _, err := azure.Declare(all)
	if err != nil {
		t.Fatal(err)
	}
	lb := providertest.Find(all, balancerType, "public")
	rule := lb.ID + "/loadBalancingRules/public"
	want := world.Balancer{
		ID: lb.ID, Name: "orchard", Address: providertest.Find(all, addressType, "public").Outputs["ipAddress"].(string), Layer: 4,
		IdleTimeout: 4 * time.Minute, ResetIdle: true, Listeners: []world.Listener{{ID: rule, Port: 8080, Pool: rule}},
	}
	if diff := cmp.Diff(want, d.Balancers[lb.ID]); diff != "" {
		t.Errorf("balancer (-want +got):\n%s", diff)
	}
	pool := world.Pool{
		ID: rule, Name: "app", Port: 8080, CrossZone: true, FailOpen: true,
		Check: world.HealthCheck{
			Path: "/livez", Port: 8080, Interval: 5 * time.Second, Timeout: 5 * time.Second, Healthy: 2, Unhealthy: 2,
			Matcher: "200", UserAgent: "Load Balancer Agent",
		},
	}
	if d.Parts[lb.ID] != rule {
		t.Errorf("the balancer is settled with %q, want its listener %s", d.Parts[lb.ID], rule)
	}
	if diff := cmp.Diff(pool, d.Pools[rule]); diff != "" {
		t.Errorf("pool (-want +got):\n%s", diff)
	}
}

func TestDeclareDatabase(t *testing.T) {
	t.Parallel()
	all := declared(t)
	d, cloud, err := azure.Declare(all)
	if err != nil {
		t.Fatal(err)
	}
	server := providertest.Find(all, serverType, "database")
	admin := providertest.Find(all, identityType, "admin")
	want := world.Database{
		ID: server.ID, Name: server.Outputs["name"].(string), Address: server.Outputs["fullyQualifiedDomainName"].(string), Port: 5432,
		Major: 15, Standby: true, Zones: []string{location + "-1", location + "-2", location + "-3"}, Database: "orchard",
		MasterRole: admin.Outputs["name"].(string), MaxConnections: 60, Parameters: map[string]string{},
	}
	if diff := cmp.Diff(want, d.Databases[server.ID]); diff != "" {
		t.Errorf("database (-want +got):\n%s", diff)
	}
	access := azure.DatabaseAccess{
		ID: server.ID, Name: want.Name, FQDN: want.Name + ".postgres.database.azure.com", TenantID: azure.Tenant, EntraAuth: true, ForceTLS: true,
		Administrators: []azure.Administrator{{ObjectID: admin.Outputs["principalId"].(string), Name: want.MasterRole, Type: "ServicePrincipal"}},
	}
	if diff := cmp.Diff(access, cloud.Databases[server.ID]); diff != "" {
		t.Errorf("access (-want +got):\n%s", diff)
	}
	for _, typ := range []string{"Administrator", "Database", "Configuration"} {
		for _, r := range all {
			if r.Type == postgres+typ && d.Parts[r.ID] != server.ID {
				t.Errorf("%s is a part of %q, want the server", r.ID, d.Parts[r.ID])
			}
		}
	}
}

// A server runs once someone may log in to a database, and not before.
func TestDeclareDatabaseUnfinished(t *testing.T) {
	t.Parallel()
	whole := declared(t)
	for _, typ := range []string{postgres + "Administrator", postgres + "Database"} {
		rest := slices.DeleteFunc(slices.Clone(whole), func(r world.Resource) bool { return r.Type == typ })
		d, cloud, err := azure.Declare(rest)
		if err != nil || len(d.Databases) != 0 || len(cloud.Databases) != 1 {
			t.Errorf("without %s: %d databases, %d with access, error %v; want none, 1 and no error", typ, len(d.Databases), len(cloud.Databases), err)
		}
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	all := declared(t)
	server := providertest.Find(all, serverType, "database").ID
	for name, value := range map[string]string{
		"require_secure_transport": "OFF", "ssl_min_protocol_version": "TLSv1.3", "shared_preload_libraries": "pgaudit", "pgaudit.log": "all",
		"logfiles.retention_days": "7", "azure.extensions": "pgaudit", "work_mem": "8192", "log_connections": "on",
	} {
		all = append(all, world.Resource{
			ID: server + "/configurations/" + name, URN: providertest.URN(postgres+"Configuration", name), Type: postgres + "Configuration",
			Outputs: map[string]any{"configurationName": name, "value": value, "source": "user-override"},
		})
	}
	d, cloud, err := azure.Declare(all)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"work_mem": "8192", "log_connections": "on"}, d.Databases[server].Parameters); diff != "" {
		t.Errorf("parameters for PostgreSQL (-want +got):\n%s", diff)
	}
	if cloud.Databases[server].ForceTLS {
		t.Error("with require_secure_transport off the access still forces TLS")
	}
}

// Without an enabled setting the number of instances is the declared one.
func TestDeclareWithoutAutoscale(t *testing.T) {
	t.Parallel()
	all := declared(t)
	providertest.Find(all, scaleType, "app").Outputs["enabled"] = false
	d, _, err := azure.Declare(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range d.Groups {
		if g.Min != 3 || g.Max != 3 || g.Desired != 3 || len(g.Rules) != 0 {
			t.Errorf("group with a disabled setting = %d..%d, %d desired, %d rules, want 3 and no rules", g.Min, g.Max, g.Desired, len(g.Rules))
		}
	}
}

func TestDeclareCloud(t *testing.T) {
	t.Parallel()
	all := declared(t)
	account := providertest.Find(all, accountType, "releases")
	account.Outputs["networkRuleSet"] = map[string]any{"defaultAction": "Deny", "virtualNetworkRules": []any{}}
	_, cloud, err := azure.Declare(all)
	if err != nil {
		t.Fatal(err)
	}
	set, box := providertest.Find(all, setType, "app"), providertest.Find(all, boxType, "releases")
	if got := cloud.Accounts["orchardreleases"].Refused[set.ID]; !strings.Contains(got, "do not name subnet app") {
		t.Errorf("an account that denies by default refuses with %q, want a sentence that names the subnet", got)
	}
	blob := cloud.Blobs["orchardreleases/releases/releases/1/orchard"]
	if len(blob.SHA256) != 64 || blob.Size != int64(len("a release")) || blob.ContentType != "application/octet-stream" {
		t.Errorf("blob = %+v, want its digest and 9 bytes", blob)
	}
	want := []azure.RoleAssignment{{
		ID: providertest.Find(all, grantType, "read").ID, Scope: box.ID, Role: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
		PrincipalID: providertest.Find(all, identityType, "app").Outputs["principalId"].(string),
	}}
	if diff := cmp.Diff(want, cloud.RoleAssignments); diff != "" {
		t.Errorf("role assignments (-want +got):\n%s", diff)
	}
	if c := cloud.Containers["orchardreleases/releases"]; c.ID != box.ID || c.Account != "orchardreleases" {
		t.Errorf("container = %+v, want that of %s", c, box.ID)
	}
	if got := cloud.ScaleSets[set.ID]; got.TerminateNotice != "PT6M" || got.VMSize != size() || !strings.HasPrefix(got.ResourceGroup, "orchard") {
		t.Errorf("scale set = %+v, want its notice, size and group", got)
	}
	if cloud.Location != location || cloud.TenantID != azure.Tenant || cloud.SubscriptionID != azure.Subscription {
		t.Errorf("cloud = %s, %s, %s, want the defaults", cloud.Location, cloud.TenantID, cloud.SubscriptionID)
	}
}

func TestTwoLocations(t *testing.T) {
	t.Parallel()
	all := declared(t)
	providertest.Find(all, vnetType, "network").Private["location"] = "westeurope"
	if _, _, err := azure.Declare(all); err == nil || !strings.Contains(err.Error(), "one location a stack") {
		t.Errorf("Declare of two locations: error = %v, want one that says so", err)
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	const group = "/subscriptions/S/resourceGroups/Orchard"
	for _, test := range []struct {
		id, scope string
		want      bool
	}{
		{group, strings.ToLower(group), true},
		{group + "/providers/x", strings.ToUpper(group) + "/", true},
		{group + "2", group, false},
		{group, group + "/providers/x", false},
	} {
		if got := azure.Within(test.id, test.scope); got != test.want {
			t.Errorf("Within(%s, %s) = %v, want %v", test.id, test.scope, got, test.want)
		}
	}
}

func TestArchitecture(t *testing.T) {
	t.Parallel()
	for size, want := range map[string]string{
		"Standard_D2ps_v5": "arm64", "Standard_D2pds_v5": "arm64", "Standard_E4pds_v5": "arm64", "Standard_B2pts_v2": "arm64", "Standard_D2plds_v6": "arm64",
		"Standard_D2s_v5": "x86_64", "Standard_D2ds_v5": "x86_64", "Standard_B2s": "x86_64", "Standard_E4-2s_v5": "x86_64", "Standard_D2as_v5": "x86_64",
	} {
		if got := azure.Architecture(size); got != want {
			t.Errorf("Architecture(%s) = %s, want %s", size, got, want)
		}
	}
}
