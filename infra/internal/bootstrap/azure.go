package bootstrap

import "fmt"

// Azure is what the script needs on a virtual machine of a scale set.
type Azure struct {
	Service
	// Account, Container and Key say where the release is.
	Account, Container, Key string
	// AppClient is the client id of the identity that reads the release and
	// serves, AppPrincipal its object id.
	AppClient, AppPrincipal string
	// AdminClient is the client id of the database's administrator.
	AdminClient string
}

// Render gives the custom data, not yet in base64. It fails when a value
// could not stand in the script as it is, or when the script is above
// MaxBytes, although Azure would take four times as much.
func (a Azure) Render() (string, error) {
	err := a.check(
		field{"account", a.Account},
		field{"container", a.Container},
		field{"key", a.Key},
		field{"app client", a.AppClient},
		field{"app principal", a.AppPrincipal},
		field{"admin client", a.AdminClient},
	)
	if err != nil {
		return "", err
	}
	script, err := render(a, "head.sh", "azure-metadata.sh", "azure-fetch.sh", "azure-authority.sh", "environment.sh", "units.sh", "install.sh", "start.sh", "azure-events.sh", "gate.sh")
	if err != nil {
		return "", fmt.Errorf("render Azure custom data: %w", err)
	}
	return script, nil
}

// Client is the identity that fetches blobs.
func (a Azure) Client() string { return a.AppClient }

// ServiceEnvironment is what the service is told on this cloud alone.
func (a Azure) ServiceEnvironment() []string {
	return []string{"ORCHARD_DATABASE_AUTH=azure-entra", "AZURE_CLIENT_ID=" + a.AppClient}
}

// MigrationEnvironment is what the migration is told on this cloud alone.
func (a Azure) MigrationEnvironment() []string {
	return []string{
		"ORCHARD_DATABASE_AUTH=azure-entra", "AZURE_CLIENT_ID=" + a.AdminClient,
		"ORCHARD_APP_PRINCIPAL=" + a.AppPrincipal,
	}
}
