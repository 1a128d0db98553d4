package azurestack

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/bootstrap"
	"orchard/infra/internal/settings"
)

// userData is the script of an instance, in the base64 that a scale set takes
// as custom data. It is known once container, database and identities are.
func userData(set settings.Settings, p parts) pulumi.StringOutput {
	return pulumi.All(p.release.account.Name, p.release.container.Name, p.database.server.FullyQualifiedDomainName,
		p.identity.app.ClientID, p.identity.app.PrincipalID, p.identity.admin.ClientID, p.identity.admin.Name).
		ApplyT(func(values []any) (string, error) {
			text := func(i int) string { return values[i].(string) }
			script, err := bootstrap.Azure{
				Service: bootstrap.Service{
					Digest:     p.release.Digest,
					PoolSize:   set.PoolSize(),
					Drain:      drain,
					WriteToken: set.WriteToken,
					TLS:        presents(set.Listener),
					Database: bootstrap.Database{
						Host: text(2), Port: set.Database.Port, Name: databaseName,
						Role: appRole, MasterRole: text(6),
					},
				},
				Account: text(0), Container: text(1), Key: p.release.Key(),
				AppClient: text(3), AppPrincipal: text(4), AdminClient: text(5),
				Vault: after(set.Listener.CertificateSecret, "vaults"), CertificateName: after(set.Listener.CertificateSecret, "secrets"),
			}.Render()
			return encode(script), err
		}).(pulumi.StringOutput)
}

// presents is what the service shows its clients, which go by who signed it.
func presents(set settings.Listener) string {
	if set.Secure() {
		return bootstrap.Files
	}
	return ""
}

// after is the part of a resource id that follows another, or empty.
func after(id, part string) string {
	_, rest, _ := strings.Cut(id, "/"+part+"/")
	value, _, _ := strings.Cut(rest, "/")
	return value
}
