package azurestack

import (
	"github.com/pulumi/pulumi-azure-native-sdk/authorization/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/armtypes"
)

// runnerIdentity is who a node is: it may read the runner's releases and its
// write token, and put results. It may neither read nor list nor delete
// results.
type runnerIdentity struct {
	node *armtypes.UserAssignedIdentity
	// grants must exist before a node can use them.
	grants []pulumi.Resource
}

func declareRunnerIdentity(s scope, subscription string, store runnerStore) (id runnerIdentity, err error) {
	if id.node, err = s.newIdentity("node"); err != nil {
		return id, err
	}
	release, err := s.mayRead("read-release", subscription, id.node, store.container)
	if err != nil {
		return id, err
	}
	token, err := s.mayRead("read-token", subscription, id.node, store.tokens)
	if err != nil {
		return id, err
	}
	role, guid, err := declarePutter(s)
	if err != nil {
		return id, err
	}
	results, err := s.assign("put-results", subscription, id.node, store.results.ID().ToStringOutput(), guid, role)
	id.grants = []pulumi.Resource{release, token, results}
	return id, err
}

// declarePutter is a role of this stack's own, because each of the cloud's own
// roles that may write blobs may read and delete them too.
func declarePutter(s scope) (*authorization.RoleDefinition, pulumi.StringOutput, error) {
	guid := s.group.ID().ApplyT(func(group pulumi.ID) string {
		return stableGUID(string(group), "put-results")
	}).(pulumi.StringOutput)
	role, err := authorization.NewRoleDefinition(s.Context, "put-results", &authorization.RoleDefinitionArgs{
		Scope:            s.group.ID().ToStringOutput(),
		RoleDefinitionId: guid,
		RoleName:         s.unique("orchard-put-results-"),
		RoleType:         pulumi.String("CustomRole"),
		Description:      pulumi.String("Puts the results of load runs, and reads none."),
		AssignableScopes: pulumi.StringArray{s.group.ID().ToStringOutput()},
		Permissions: authorization.PermissionArray{authorization.PermissionArgs{
			DataActions: pulumi.ToStringArray([]string{"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"}),
		}},
	}, s.on)
	return role, guid, err
}
