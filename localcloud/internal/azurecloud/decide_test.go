package azurecloud

import (
	"errors"
	"strings"
	"testing"

	"orchard/localcloud/internal/blobs"
	"orchard/localcloud/internal/entra"
	"orchard/localcloud/internal/provider/azure"
	"orchard/localcloud/internal/world"
)

const (
	tenant  = "tenant"
	account = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/orchard1"
	scope   = account + "/blobServices/default/containers/releases"
	reader  = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
)

var stack = azure.Cloud{
	Location: "westeurope", SubscriptionID: "s", TenantID: tenant,
	Identities: map[string]azure.Identity{
		"/id/app":   {ID: "/id/app", Name: "app", ClientID: "c-app", PrincipalID: "p-app", TenantID: tenant},
		"/id/admin": {ID: "/id/admin", Name: "admin", ClientID: "c-admin", PrincipalID: "p-admin", TenantID: tenant},
	},
}

func claims(object string) entra.Claims { return entra.Claims{ObjectID: object, TenantID: tenant} }

func TestMayRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		who        entra.Claims
		assignment azure.RoleAssignment
		want       string
	}{
		"container":         {claims("p-app"), azure.RoleAssignment{Scope: scope, Role: reader, PrincipalID: "p-app"}, ""},
		"account":           {claims("p-app"), azure.RoleAssignment{Scope: strings.ToUpper(account), Role: strings.ToUpper(reader), PrincipalID: "P-APP"}, ""},
		"group, owner":      {claims("p-app"), azure.RoleAssignment{Scope: "/subscriptions/s/resourceGroups/g", Role: "b7e6dc6d-f1e8-4753-8033-0f276bb0955b", PrincipalID: "p-app"}, ""},
		"other container":   {claims("p-app"), azure.RoleAssignment{Scope: scope + "2", Role: reader, PrincipalID: "p-app"}, "identity app may not read blobs at " + scope},
		"part of a name":    {claims("p-app"), azure.RoleAssignment{Scope: account[:len(account)-1], Role: reader, PrincipalID: "p-app"}, "may not read"},
		"no data action":    {claims("p-app"), azure.RoleAssignment{Scope: scope, Role: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", PrincipalID: "p-app"}, "may not read"},
		"another's":         {claims("p-admin"), azure.RoleAssignment{Scope: scope, Role: reader, PrincipalID: "p-app"}, "identity admin may not read"},
		"of another stack":  {claims("p-x"), azure.RoleAssignment{Scope: scope, Role: reader, PrincipalID: "p-x"}, "does not exist in this stack"},
		"of another tenant": {entra.Claims{ObjectID: "p-app", TenantID: "x"}, azure.RoleAssignment{Scope: scope, Role: reader, PrincipalID: "p-app"}, "does not exist in this stack"},
	} {
		cloud := stack
		cloud.RoleAssignments = []azure.RoleAssignment{c.assignment}
		checkError(t, name, mayDo(cloud, c.who, blobs.ReadAction, scope), c.want)
	}
}

// TestMayWrite: a role of the program's own has what it lists, and the cloud's
// own roles what they are known for.
func TestMayWrite(t *testing.T) {
	t.Parallel()
	const own, contributor = "11111111-2222-4333-8444-555555555555", "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
	for name, c := range map[string]struct {
		role   string
		own    azure.RoleDefinition
		action string
		want   string
	}{
		"reader":            {reader, azure.RoleDefinition{}, blobs.WriteAction, "identity app may not write blobs at " + scope},
		"contributor":       {contributor, azure.RoleDefinition{}, blobs.WriteAction, ""},
		"own, listed":       {own, azure.RoleDefinition{DataActions: []string{blobs.WriteAction}}, blobs.WriteAction, ""},
		"own, another":      {own, azure.RoleDefinition{DataActions: []string{blobs.WriteAction}}, blobs.ReadAction, "identity app may not read blobs"},
		"own, by a pattern": {own, azure.RoleDefinition{DataActions: []string{"microsoft.storage/*/blobs/*"}}, blobs.ReadAction, ""},
		"own, taken out": {
			own, azure.RoleDefinition{DataActions: []string{"*"}, Without: []string{"*/write"}}, blobs.WriteAction, "such as Storage Blob Data Contributor",
		},
	} {
		cloud := stack
		cloud.RoleDefinitions = map[string]azure.RoleDefinition{own: c.own}
		cloud.RoleAssignments = []azure.RoleAssignment{{Scope: scope, Role: c.role, PrincipalID: "p-app"}}
		checkError(t, name, mayDo(cloud, claims("p-app"), c.action, scope), c.want)
	}
}

// checkError wants a part of the error's sentence, or none where it is "".
func checkError(t *testing.T, name string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: got %v, want no error", name, err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("%s: got %v, want %q", name, err, want)
	}
}

func TestMayConnect(t *testing.T) {
	t.Parallel()
	access := azure.DatabaseAccess{
		Name: "orchard-pg", TenantID: tenant, EntraAuth: true,
		Administrators: []azure.Administrator{{ObjectID: "P-ADMIN", Name: "orchard-admin", Type: "ServicePrincipal"}},
	}
	roles := map[string]string{"orchard_app": "p-app"}
	for name, c := range map[string]struct {
		who  entra.Claims
		user string
		want string
	}{
		"administrator":             {claims("p-admin"), "orchard-admin", ""},
		"mapped":                    {claims("p-app"), "orchard_app", ""},
		"application as admin":      {claims("p-app"), "orchard-admin", "role orchard-admin is of the principal P-ADMIN"},
		"admin as application":      {claims("p-admin"), "orchard_app", "role orchard_app is of the principal p-app"},
		"role of nobody":            {claims("p-app"), "plain", "nobody's"},
		"identity of another world": {claims("p-x"), "orchard_app", "does not exist in this stack"},
	} {
		err := mayConnect(stack, access, c.who, c.user, func() (string, error) {
			if object, ok := roles[c.user]; ok {
				return object, nil
			}
			return "", errors.New("nobody's")
		})
		checkError(t, name, err, c.want)
	}
	other := access
	other.TenantID = "other"
	checkError(t, "tenant", mayConnect(stack, other, claims("p-admin"), "orchard-admin", nil), "tenant")
}

func TestKnownResources(t *testing.T) {
	t.Parallel()
	for resource, want := range map[string]bool{
		"https://storage.azure.com/":                 true,
		"https://orchard1.blob.core.windows.net":     true,
		"https://ossrdbms-aad.database.windows.net":  true,
		"https://management.azure.com/":              false,
		"http://orchard1.blob.core.windows.net":      false,
		"https://ossrdbms-aad.database.windows.net2": false,
	} {
		if got := known(resource); got != want {
			t.Errorf("%s: got %t, want %t", resource, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	c := &Cloud{}
	first, second := c.NewInstanceID(world.Group{Name: "app"}), c.NewInstanceID(world.Group{Name: "app"})
	if len(first) != len("app_123456") || !strings.HasPrefix(first, "app_") || first == second {
		t.Errorf("names: got %s and %s, want app_ and six characters, each its own", first, second)
	}
	if got, want := guid("app_1"), guid("app_1"); got != want || len(got) != 36 || got == guid("app_2") {
		t.Errorf("guid: got %s, want the same one each time for one text", got)
	}
}
