package azure_test

import (
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"orchard/localcloud/internal/provider/azure"
	"orchard/localcloud/internal/provider/providertest"
	"orchard/localcloud/internal/uploads"
)

const roleType = "azure-native:authorization:RoleDefinition"

// TestRoleDefinition: a role of the program's own may be assigned where it
// says, and stays while somebody has it.
func TestRoleDefinition(t *testing.T) {
	t.Parallel()
	const own = "11111111-2222-4333-8444-777777777777"
	w := smallWorld()
	c := providertest.Connect(t, serve(t, w), inFrankfurt)
	create := func(typ, name string, in map[string]any) (string, error) {
		made, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: providertest.URN(typ, name), Properties: c.Pack(c.MustCheck(typ, name, nil, in))})
		return made.GetId(), err
	}
	grant := map[string]any{
		"scope": inGroup, "roleAssignmentName": assignment, "principalId": assignment, "principalType": "ServicePrincipal",
		"roleDefinitionId": "/providers/Microsoft.Authorization/roleDefinitions/" + own,
	}
	account := inGroup + "/providers/Microsoft.Storage/storageAccounts/keyless"
	role := map[string]any{
		"scope": inGroup, "roleDefinitionId": own, "roleName": "putter", "roleType": "CustomRole", "assignableScopes": []any{account},
		"permissions": []any{map[string]any{"dataActions": []any{"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"}}},
	}
	if _, err := create(grantType, "early", grant); err == nil || !strings.Contains(err.Error(), "RoleDefinitionDoesNotExist") {
		t.Errorf("before the role: got error %v", err)
	}
	id, err := create(roleType, "putter", role)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := create(roleType, "again", with(role, "roleDefinitionId", assignment)); err == nil || !strings.Contains(err.Error(), "RoleDefinitionWithSameNameExists") {
		t.Errorf("the same name: got error %v", err)
	}
	if _, err := create(grantType, "wide", grant); err == nil || !strings.Contains(err.Error(), "RoleDefinitionDoesNotExist") {
		t.Errorf("where the role may not be assigned: got error %v", err)
	}
	held, err := create(grantType, "held", with(grant, "scope", account))
	if err != nil {
		t.Fatal(err)
	}
	_, cloud, err := azure.Declare(w.Resources())
	if d := cloud.RoleDefinitions[own]; err != nil || d.Name != "putter" || len(d.DataActions) != 1 {
		t.Errorf("declared: got %+v, %v", d, err)
	}
	remove := func(typ, id, name string) error {
		_, err := c.Delete(t.Context(), &pulumirpc.DeleteRequest{Id: id, Urn: providertest.URN(typ, name)})
		return err
	}
	if err := remove(roleType, id, "putter"); err == nil || !strings.Contains(err.Error(), "RoleDefinitionHasAssignments") {
		t.Errorf("delete of a role that is held: got error %v", err)
	}
	if err := remove(grantType, held, "held"); err != nil {
		t.Fatal(err)
	}
	if err := remove(roleType, id, "putter"); err != nil {
		t.Errorf("delete of a role that nobody has: %v", err)
	}
}

// TestDeleteContainerWithUploads: what instances have put goes with it.
func TestDeleteContainerWithUploads(t *testing.T) {
	t.Parallel()
	w := smallWorld()
	w.Folder = uploads.Folder(t.TempDir())
	if err := w.Folder.Put("keyless/releases", "a", strings.NewReader("text")); err != nil {
		t.Fatal(err)
	}
	c := providertest.Connect(t, serve(t, w), inFrankfurt)
	id := inGroup + "/providers/Microsoft.Storage/storageAccounts/keyless/blobServices/default/containers/releases"
	if _, err := c.Delete(t.Context(), &pulumirpc.DeleteRequest{Id: id, Urn: providertest.URN(boxType, "old")}); err != nil {
		t.Fatal(err)
	}
	if keys, err := w.Folder.Keys("keyless/releases", ""); err != nil || len(keys) != 0 {
		t.Errorf("after the delete: got %v, %v, want nothing", keys, err)
	}
}
