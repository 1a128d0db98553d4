package azure_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/provider/azure"
	"orchard/localcloud/internal/provider/providertest"
	"orchard/localcloud/internal/world"
)

var inFrankfurt = map[string]any{"location": location}

// grouped is a connection to a world that has a resource group, and its name.
func grouped(t *testing.T, w *providertest.World) (c providertest.Client, group string) {
	t.Helper()
	c = providertest.Connect(t, serve(t, w), inFrankfurt)
	_, out := c.MustCreate(groupType, "orchard", map[string]any{})
	return c, out["name"].(string)
}

func diffOf(c providertest.Client, typ, name, id string, olds, news map[string]any) *pulumirpc.DiffResponse {
	c.Helper()
	out, err := c.Diff(c.Context(), &pulumirpc.DiffRequest{
		Urn: providertest.URN(typ, name), Id: id, OldInputs: c.Pack(olds), Olds: c.Pack(olds), News: c.Pack(news),
	})
	if err != nil {
		c.Fatalf("Diff %s: %v", name, err)
	}
	return out
}

// A resource gets the cloud's id, a name as azure-native makes it up, the
// provider's location, and keeps all that over updates.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	w := newWorld()
	c, group := grouped(t, w)
	if len(group) != len("orchard")+8 || !strings.HasPrefix(group, "orchard") || strings.Contains(group, "-") {
		t.Errorf("name of the group = %q, want orchard and 8 digits", group)
	}
	inputs := c.MustCheck(spaceType, "logs", nil, map[string]any{"resourceGroupName": strings.ToUpper(group), "retentionInDays": 30.0})
	id, out := c.MustCreate(spaceType, "logs", map[string]any{"resourceGroupName": strings.ToUpper(group), "retentionInDays": 30.0})
	name := inputs["workspaceName"].(string)
	want := "/subscriptions/" + azure.Subscription + "/resourceGroups/" + group + "/providers/Microsoft.OperationalInsights/workspaces/" + name
	if id != want || out["name"] != name || out["location"] != location || out["type"] != "Microsoft.OperationalInsights/workspaces" {
		t.Errorf("Create = %s with %v, want %s with its name, type and location", id, out, want)
	}
	news := c.MustCheck(spaceType, "logs", inputs, map[string]any{"resourceGroupName": group, "retentionInDays": 60.0})
	change := diffOf(c, spaceType, "logs", id, inputs, news)
	if diff := cmp.Diff([]string{"retentionInDays"}, change.GetDiffs()); diff != "" || len(change.GetReplaces()) > 0 {
		t.Errorf("Diff of another retention and another case of the group (-want +got):\n%s replaces %v", diff, change.GetReplaces())
	}
	updated, err := c.Update(t.Context(), &pulumirpc.UpdateRequest{Urn: providertest.URN(spaceType, "logs"), Id: id, OldInputs: c.Pack(inputs), News: c.Pack(news)})
	if err != nil {
		t.Fatal(err)
	}
	if got := updated.GetProperties().AsMap(); got["customerId"] != out["customerId"] || got["retentionInDays"] != 60.0 {
		t.Errorf("Update = %v, want the customerId of before and 60 days", got)
	}
	read, err := c.Read(t.Context(), &pulumirpc.ReadRequest{Urn: providertest.URN(spaceType, "logs"), Id: id})
	if err != nil || read.GetId() != id {
		t.Errorf("Read = %v, %v, want the resource", read, err)
	}
	if _, err := c.Delete(t.Context(), &pulumirpc.DeleteRequest{Urn: providertest.URN(spaceType, "logs"), Id: id}); err != nil || len(w.Of(spaceType)) != 0 {
		t.Errorf("Delete: error %v, and the world has %v", err, w.Of(spaceType))
	}
}

// What replaces, and what is no change at all.
func TestDiff(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		typ              string
		olds, news       map[string]any
		changed, replace []string
	}{
		"location as people write it": {accountType, map[string]any{"location": "Germany West Central"}, map[string]any{"location": "germanywestcentral"}, nil, nil},
		"another location":            {accountType, map[string]any{"location": "westeurope"}, map[string]any{"location": location}, []string{"location"}, []string{"location"}},
		"case of an inner id": {
			vnetType,
			map[string]any{"subnets": []any{map[string]any{"name": "app", "natGateway": map[string]any{"id": "/subscriptions/s/NAT"}}}},
			map[string]any{"subnets": []any{map[string]any{"name": "app", "natGateway": map[string]any{"id": "/subscriptions/S/nat"}}}},
			nil, nil,
		},
		"defaults written out": {
			balancerType,
			map[string]any{"probes": []any{map[string]any{"name": "p", "port": 80.0}}},
			map[string]any{"probes": []any{map[string]any{"name": "p", "port": 80.0, "intervalInSeconds": 15.0, "probeThreshold": 1.0}}},
			nil, nil,
		},
		"capacity":        {setType, map[string]any{"sku": map[string]any{"name": "a", "capacity": 3.0}}, map[string]any{"sku": map[string]any{"name": "a", "capacity": 4.0}}, []string{"sku"}, nil},
		"source of blob":  {blobType, map[string]any{"blobName": "a"}, map[string]any{"blobName": "b"}, []string{"blobName"}, []string{"blobName"}},
		"zone of server":  {serverType, map[string]any{"availabilityZone": "1"}, map[string]any{"availabilityZone": "2"}, []string{"availabilityZone"}, []string{"availabilityZone"}},
		"geo backup":      {serverType, map[string]any{"backup": map[string]any{"geoRedundantBackup": "Disabled"}}, map[string]any{"backup": map[string]any{"geoRedundantBackup": "Enabled"}}, []string{"backup"}, []string{"backup.geoRedundantBackup"}},
		"order of zones":  {setType, map[string]any{"zones": []any{"1", "2"}}, map[string]any{"zones": []any{"2", "1"}}, []string{"zones"}, nil},
		"order of owners": {setType, map[string]any{"identity": map[string]any{"userAssignedIdentities": []any{"/a", "/b"}}}, map[string]any{"identity": map[string]any{"userAssignedIdentities": []any{"/b", "/a"}}}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var changed, replace []string
			for _, c := range provider.Changes(azure.Table().Types[test.typ].Properties, test.olds, test.news) {
				changed = append(changed, c.Top)
				if c.Replace {
					replace = append(replace, c.Path)
				}
			}
			if diff := cmp.Diff(test.changed, changed); diff != "" {
				t.Errorf("changed (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.replace, replace); diff != "" {
				t.Errorf("replaced (-want +got):\n%s", diff)
			}
		})
	}
}

// A preview tells what is known and leaves open what the cloud makes up, also
// inside of lists.
func TestPreview(t *testing.T) {
	t.Parallel()
	w := newWorld()
	c, group := grouped(t, w)
	given := map[string]any{
		"resourceGroupName": group, "addressSpace": map[string]any{"addressPrefixes": []any{"10.0.0.0/16"}},
		"subnets": []any{map[string]any{"name": "app", "addressPrefix": "10.0.0.0/24"}},
	}
	inputs := c.MustCheck(vnetType, "network", nil, given)
	preview, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: providertest.URN(vnetType, "network"), Properties: c.Pack(inputs), Preview: true})
	if err != nil {
		t.Fatal(err)
	}
	if subnet := first(t, preview.GetProperties(), "subnets"); !isUnknown(subnet["id"]) || subnet["name"].GetStringValue() != "app" {
		t.Errorf("previewed subnet = %v, want its name, and its id unknown", subnet)
	}
	if !isUnknown(preview.GetProperties().GetFields()["resourceGuid"]) || len(w.Of(vnetType)) != 0 {
		t.Error("the preview knows the resourceGuid, or has made the network")
	}

	id, out := c.MustCreate(vnetType, "network", given)
	inputs["tags"] = map[string]any{"a": "b"}
	preview2, err := c.Update(t.Context(), &pulumirpc.UpdateRequest{Urn: providertest.URN(vnetType, "network"), Id: id, OldInputs: c.Pack(w.Of(vnetType)[0].Inputs), News: c.Pack(inputs), Preview: true})
	if err != nil {
		t.Fatal(err)
	}
	kept := out["subnets"].([]any)[0].(map[string]any)["id"]
	if subnet := first(t, preview2.GetProperties(), "subnets"); subnet["id"].GetStringValue() != kept || kept != id+"/subnets/app" {
		t.Errorf("previewed update that leaves the subnets: id = %v, want %v", subnet["id"], kept)
	}
}

func first(t *testing.T, s *structpb.Struct, property string) map[string]*structpb.Value {
	t.Helper()
	values := s.GetFields()[property].GetListValue().GetValues()
	if len(values) == 0 {
		t.Fatalf("%s is empty in %v", property, s)
	}
	return values[0].GetStructValue().GetFields()
}

// isUnknown knows the engine's sign for a text that is not known yet.
func isUnknown(v *structpb.Value) bool {
	return v.GetStringValue() == "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
}

// A name inside another resource is the program's own, so a replacement has
// to wait until the old one is gone.
func TestCopiedName(t *testing.T) {
	t.Parallel()
	w := newWorld()
	c, group := grouped(t, w)
	in := func(account string) map[string]any {
		return map[string]any{"resourceGroupName": group, "accountName": account}
	}
	_, account := c.MustCreate(accountType, "store", map[string]any{"resourceGroupName": group, "kind": "StorageV2", "sku": map[string]any{"name": "Standard_ZRS"}})
	id, out := c.MustCreate(boxType, "releases", in(account["name"].(string)))
	if out["name"] != "releases" || !strings.HasSuffix(id, "/blobServices/default/containers/releases") {
		t.Errorf("container = %s with %v, want it to be named releases", id, out)
	}
	olds, news := w.Of(boxType)[0].Inputs, c.MustCheck(boxType, "releases", nil, in("otheraccount"))
	change := diffOf(c, boxType, "releases", id, olds, news)
	if diff := cmp.Diff([]string{"accountName"}, change.GetReplaces()); diff != "" || !change.GetDeleteBeforeReplace() {
		t.Errorf("Diff of another account (-want +got):\n%s delete before replace = %v, want true", diff, change.GetDeleteBeforeReplace())
	}
}

// The caller is the same at every call, and of the configured subscription.
func TestClientConfig(t *testing.T) {
	t.Parallel()
	const own = "12345678-1234-1234-1234-123456789abc"
	for config, want := range map[string]string{"": azure.Subscription, own: own} {
		settings := map[string]any{"location": location}
		if config != "" {
			settings["subscriptionId"] = config
		}
		c := providertest.Connect(t, serve(t, newWorld()), settings)
		out, err := c.Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: "azure-native:authorization:getClientConfig"})
		if err != nil {
			t.Fatal(err)
		}
		got := out.GetReturn().AsMap()
		if got["subscriptionId"] != want || got["tenantId"] != azure.Tenant || got["clientId"] == "" || got["objectId"] == "" {
			t.Errorf("getClientConfig with subscription %q = %v, want %s", config, got, want)
		}
	}
}

// The provider's own inputs are checked too.
func TestCheckConfig(t *testing.T) {
	t.Parallel()
	c := providertest.Dial(t, serve(t, newWorld()))
	out, err := c.CheckConfig(t.Context(), &pulumirpc.CheckRequest{News: c.Pack(map[string]any{"subscriptionId": "mine", "version": "2.90.0"})})
	if err != nil || len(out.GetFailures()) != 1 || !strings.Contains(out.GetFailures()[0].GetReason(), "subscriptionId: is \"mine\"") {
		t.Errorf("CheckConfig = %v, %v, want one failure about the subscriptionId", out.GetFailures(), err)
	}
	if _, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: providertest.URN(groupType, "g")}); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("Create before Configure: error = %v, want FailedPrecondition", err)
	}
}

// Each type's functions bear any resource of a stack: a Create that repeats
// one of it gives the same id.
func TestRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(declared(t)...)
	c := providertest.Connect(t, serve(t, w), inFrankfurt)
	for _, r := range w.Resources() {
		w.Have[indexOf(w.Have, r.ID)].Confirmed = false
		name := r.URN[strings.LastIndex(r.URN, "::")+2:]
		if r.Type == blobType {
			continue // its file is gone with the test that made it
		}
		out, err := c.Create(t.Context(), &pulumirpc.CreateRequest{
			Urn: r.URN, Properties: c.Pack(r.Inputs),
		})
		if err != nil || out.GetId() != r.ID {
			t.Errorf("repeated Create of %s %s = %s, %v, want %s", r.Type, name, out.GetId(), err, r.ID)
		}
	}
}

func indexOf(resources []world.Resource, id string) int {
	for i, r := range resources {
		if r.ID == id {
			return i
		}
	}
	return -1
}
