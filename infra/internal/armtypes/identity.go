package armtypes

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// UserAssignedIdentity is a managed identity that lives apart from what it is
// assigned to.
type UserAssignedIdentity struct {
	pulumi.CustomResourceState

	// ClientID is by which a machine asks for the identity's tokens.
	ClientID pulumi.StringOutput `pulumi:"clientId"`
	// Name is the identity's own.
	Name pulumi.StringOutput `pulumi:"name"`
	// PrincipalID is its object id: who it is in role assignments.
	PrincipalID pulumi.StringOutput `pulumi:"principalId"`
	// TenantID is the directory that it belongs to.
	TenantID pulumi.StringOutput `pulumi:"tenantId"`
}

// UserAssignedIdentityArgs are the inputs. The resource name has 3 to 128
// letters, digits, hyphens and underscores.
type UserAssignedIdentityArgs struct {
	Location          pulumi.StringPtrInput
	ResourceGroupName pulumi.StringInput
	ResourceName      pulumi.StringPtrInput
	Tags              pulumi.StringMapInput
}

type userAssignedIdentityArgs struct {
	Location          *string           `pulumi:"location"`
	ResourceGroupName string            `pulumi:"resourceGroupName"`
	ResourceName      *string           `pulumi:"resourceName"`
	Tags              map[string]string `pulumi:"tags"`
}

// ElementType is of pulumi.Input.
func (UserAssignedIdentityArgs) ElementType() reflect.Type {
	return reflect.TypeFor[userAssignedIdentityArgs]()
}

// NewUserAssignedIdentity declares an identity.
func NewUserAssignedIdentity(ctx *pulumi.Context, name string, args *UserAssignedIdentityArgs, opts ...pulumi.ResourceOption) (*UserAssignedIdentity, error) {
	var declared UserAssignedIdentity
	return &declared, register(ctx, IdentityToken, name, args, &declared, opts)
}
