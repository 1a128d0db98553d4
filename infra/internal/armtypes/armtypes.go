// Package armtypes declares the five Azure resource types whose Go modules
// cannot be had from the module registry: a PostgreSQL flexible server, its
// administrator, its databases and configurations, and a user-assigned
// managed identity.
//
// They are what a generated module would give: a resource is registered under
// the provider's own token, with typed arguments and the version of the other
// modules, so that one provider serves them all. Names and shapes are those
// of the provider, which lifts the members of ARM's "properties" to the top.
//
// What surprises: every arguments type has a plain twin, because the engine's
// library matches the two by their fields' names to learn each input's name
// and type. A wrong name would be found only on the cloud, so the package's
// test compares all of them with a list from the ARM reference.
//
// Left out: properties that this project does not set, aliases of other API
// versions, and look-ups.
package armtypes

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Version is that of the azure-native modules in go.mod.
const Version = "2.90.0"

// The provider's tokens. They carry the version of ARM's API.
const (
	ServerToken        = "azure-native:dbforpostgresql/v20240801:Server"
	AdministratorToken = "azure-native:dbforpostgresql/v20240801:Administrator"
	DatabaseToken      = "azure-native:dbforpostgresql/v20240801:Database"
	ConfigurationToken = "azure-native:dbforpostgresql/v20240801:Configuration"
	IdentityToken      = "azure-native:managedidentity/v20230131:UserAssignedIdentity"
)

// register records one resource under its token.
func register(ctx *pulumi.Context, token, name string, args pulumi.Input, declared pulumi.CustomResource, opts []pulumi.ResourceOption) error {
	opts = append([]pulumi.ResourceOption{pulumi.Version(Version)}, opts...)
	if err := ctx.RegisterResource(token, name, args, declared, opts...); err != nil {
		return fmt.Errorf("register %s %s: %w", token, name, err)
	}
	return nil
}
