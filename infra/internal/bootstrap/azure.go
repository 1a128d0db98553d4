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
	// Vault is the name of the Key Vault whose secret CertificateName is the
	// service's certificate, where TLS is Files. Both are empty for plain HTTP.
	Vault, CertificateName string
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
	if err == nil && a.TLS != "" {
		err = a.check(field{"vault", a.Vault}, field{"certificate name", a.CertificateName})
	}
	if err != nil {
		return "", err
	}
	script, err := render(a, "head.sh", "azure-metadata.sh", "azure-fetch.sh", "azure-authority.sh", "environment.sh", "units.sh", "install.sh", "azure-certificate.sh", "start.sh", "azure-events.sh", "gate.sh")
	if err != nil {
		return "", fmt.Errorf("render Azure custom data: %w", err)
	}
	return script, nil
}

// Client is the identity that fetches blobs.
func (a Azure) Client() string { return a.AppClient }

// StateDirectory is the folder below /var/lib that holds the certificate, and
// that the service's user alone may enter. It is empty without one.
func (a Azure) StateDirectory() string {
	if a.TLS == "" {
		return ""
	}
	return "orchard-tls"
}

// CertificateFile holds the certificate, its chain and its key in PEM. They
// are in one file so that there is no moment with a new one and an old one.
func (Azure) CertificateFile() string { return "certificate.pem" }

// ServiceEnvironment is what the service is told on this cloud alone.
func (a Azure) ServiceEnvironment() []string {
	lines := []string{"ORCHARD_DATABASE_AUTH=azure-entra", "AZURE_CLIENT_ID=" + a.AppClient}
	if a.TLS != "" {
		file := "$dest/var/lib/" + a.StateDirectory() + "/" + a.CertificateFile()
		lines = append(lines, "ORCHARD_TLS_CERT="+file, "ORCHARD_TLS_KEY="+file)
	}
	return lines
}

// MigrationEnvironment is what the migration is told on this cloud alone.
func (a Azure) MigrationEnvironment() []string {
	return []string{
		"ORCHARD_DATABASE_AUTH=azure-entra", "AZURE_CLIENT_ID=" + a.AdminClient,
		"ORCHARD_APP_PRINCIPAL=" + a.AppPrincipal,
	}
}
