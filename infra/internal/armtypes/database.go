package armtypes

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Administrator makes a principal of the directory an administrator of a
// server, under a role of the principal's name.
type Administrator struct {
	pulumi.CustomResourceState

	// PrincipalName is the role.
	PrincipalName pulumi.StringOutput `pulumi:"principalName"`
}

// AdministratorArgs are the inputs. The object id is the principal's.
type AdministratorArgs struct {
	ObjectID          pulumi.StringPtrInput
	PrincipalName     pulumi.StringPtrInput
	PrincipalType     pulumi.StringPtrInput
	ResourceGroupName pulumi.StringInput
	ServerName        pulumi.StringInput
	TenantID          pulumi.StringPtrInput
}

type administratorArgs struct {
	ObjectID          *string `pulumi:"objectId"`
	PrincipalName     *string `pulumi:"principalName"`
	PrincipalType     *string `pulumi:"principalType"`
	ResourceGroupName string  `pulumi:"resourceGroupName"`
	ServerName        string  `pulumi:"serverName"`
	TenantID          *string `pulumi:"tenantId"`
}

// ElementType is of pulumi.Input.
func (AdministratorArgs) ElementType() reflect.Type { return reflect.TypeFor[administratorArgs]() }

// NewAdministrator declares an administrator.
func NewAdministrator(ctx *pulumi.Context, name string, args *AdministratorArgs, opts ...pulumi.ResourceOption) (*Administrator, error) {
	var declared Administrator
	return &declared, register(ctx, AdministratorToken, name, args, &declared, opts)
}

// Database is one database of a server.
type Database struct {
	pulumi.CustomResourceState

	// Name is the database's own.
	Name pulumi.StringOutput `pulumi:"name"`
}

// DatabaseArgs are the inputs.
type DatabaseArgs struct {
	Charset           pulumi.StringPtrInput
	Collation         pulumi.StringPtrInput
	DatabaseName      pulumi.StringPtrInput
	ResourceGroupName pulumi.StringInput
	ServerName        pulumi.StringInput
}

type databaseArgs struct {
	Charset           *string `pulumi:"charset"`
	Collation         *string `pulumi:"collation"`
	DatabaseName      *string `pulumi:"databaseName"`
	ResourceGroupName string  `pulumi:"resourceGroupName"`
	ServerName        string  `pulumi:"serverName"`
}

// ElementType is of pulumi.Input.
func (DatabaseArgs) ElementType() reflect.Type { return reflect.TypeFor[databaseArgs]() }

// NewDatabase declares a database.
func NewDatabase(ctx *pulumi.Context, name string, args *DatabaseArgs, opts ...pulumi.ResourceOption) (*Database, error) {
	var declared Database
	return &declared, register(ctx, DatabaseToken, name, args, &declared, opts)
}

// Configuration is one server parameter.
type Configuration struct {
	pulumi.CustomResourceState

	// Value is what the server runs with.
	Value pulumi.StringPtrOutput `pulumi:"value"`
}

// ConfigurationArgs are the inputs. The source is user-override.
type ConfigurationArgs struct {
	ConfigurationName pulumi.StringPtrInput
	ResourceGroupName pulumi.StringInput
	ServerName        pulumi.StringInput
	Source            pulumi.StringPtrInput
	Value             pulumi.StringPtrInput
}

type configurationArgs struct {
	ConfigurationName *string `pulumi:"configurationName"`
	ResourceGroupName string  `pulumi:"resourceGroupName"`
	ServerName        string  `pulumi:"serverName"`
	Source            *string `pulumi:"source"`
	Value             *string `pulumi:"value"`
}

// ElementType is of pulumi.Input.
func (ConfigurationArgs) ElementType() reflect.Type { return reflect.TypeFor[configurationArgs]() }

// NewConfiguration declares a server parameter.
func NewConfiguration(ctx *pulumi.Context, name string, args *ConfigurationArgs, opts ...pulumi.ResourceOption) (*Configuration, error) {
	var declared Configuration
	return &declared, register(ctx, ConfigurationToken, name, args, &declared, opts)
}
