package azurestack

import (
	"github.com/pulumi/pulumi-azure-native-sdk/authorization/v2/v20220401"
	armstorage "github.com/pulumi/pulumi-azure-native-sdk/storage/v2/v20240101"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/armtypes"
)

// identity is who an application instance is: as app it may read releases and
// the certificate, and sign in to the database as the application's role; as admin, which the
// migration alone uses, it is the database's administrator. Nothing else.
type identity struct {
	app, admin *armtypes.UserAssignedIdentity
	// grants must exist before an instance can use them.
	grants []pulumi.Resource
}

// servicePrincipal spares a new identity the directory's delay.
const servicePrincipal = "ServicePrincipal"

func declareIdentity(s scope, f found, certificate string, store releaseStore, db database) (id identity, err error) {
	if id.app, err = s.newIdentity("app"); err != nil {
		return id, err
	}
	if id.admin, err = s.newIdentity("admin"); err != nil {
		return id, err
	}
	reader, err := s.mayRead("read-release", f.subscription, id.app, store.container)
	if err != nil {
		return id, err
	}
	administrator, err := armtypes.NewAdministrator(s.Context, "admin", &armtypes.AdministratorArgs{
		ResourceGroupName: s.group.Name,
		ServerName:        db.server.Name,
		ObjectID:          id.admin.PrincipalID,
		PrincipalName:     id.admin.Name,
		PrincipalType:     pulumi.String(servicePrincipal),
		TenantID:          pulumi.String(f.tenant),
	}, s.on, pulumi.DependsOn([]pulumi.Resource{db.ready}))
	id.grants = []pulumi.Resource{reader, administrator}
	if err != nil || certificate == "" {
		return id, err
	}
	secret, err := s.assign("read-certificate", f.subscription, id.app, pulumi.String(certificate), pulumi.String(keyVaultSecretsUser))
	id.grants = append(id.grants, secret)
	return id, err
}

func (s scope) newIdentity(name string) (*armtypes.UserAssignedIdentity, error) {
	return armtypes.NewUserAssignedIdentity(s.Context, name, &armtypes.UserAssignedIdentityArgs{
		ResourceGroupName: s.group.Name,
		Location:          s.location,
		ResourceName:      s.unique("orchard-" + name + "-"),
		Tags:              s.named(name),
	}, s.on)
}

// mayRead covers all blobs of a container: while the fleet changes from one
// release to the next, instances of either may boot.
func (s scope) mayRead(name, subscription string, who *armtypes.UserAssignedIdentity, where *armstorage.BlobContainer) (pulumi.Resource, error) {
	return s.assign(name, subscription, who, where.ID().ToStringOutput(), pulumi.String(storageBlobDataReader))
}

// assign gives an identity a role at the scope of one resource.
func (s scope) assign(name, subscription string, who *armtypes.UserAssignedIdentity, where, role pulumi.StringInput, needs ...pulumi.Resource) (pulumi.Resource, error) {
	return v20220401.NewRoleAssignment(s.Context, name, &v20220401.RoleAssignmentArgs{
		Scope: where,
		RoleDefinitionId: role.ToStringOutput().ApplyT(func(role string) string {
			return roleDefinition(subscription, role)
		}).(pulumi.StringOutput),
		PrincipalId:   who.PrincipalID,
		PrincipalType: pulumi.String(servicePrincipal),
		RoleAssignmentName: pulumi.All(where, who.PrincipalID, role).ApplyT(func(values []any) string {
			return stableGUID(values[0].(string), values[1].(string), values[2].(string))
		}).(pulumi.StringOutput),
	}, s.on, pulumi.DependsOn(needs))
}
