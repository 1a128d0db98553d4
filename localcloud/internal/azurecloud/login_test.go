package azurecloud

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"orchard/localcloud/internal/entra"
	"orchard/localcloud/internal/world"
)

const (
	serverID       = "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/orchard-pg"
	adminID        = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/admin"
	adminPrincipal = "33333333-2222-4333-8444-555555555555"
)

// databaseWorld is a running world with a server whose administrator is the
// identity admin. The address is that of its endpoint.
func databaseWorld(t *testing.T) (c *Cloud, w *world.World, address string) {
	t.Helper()
	c, w = stackWorld(t)
	address, err := w.Host(world.HostDatabase, serverID)
	if err != nil {
		t.Fatal(err)
	}
	place := map[string]any{"location": location}
	put(t, w, adminID, "managedidentity/v20230131:UserAssignedIdentity", map[string]any{
		"name": "admin", "clientId": "c-admin", "principalId": adminPrincipal, "tenantId": tenant,
	}, place)
	put(t, w, serverID, "dbforpostgresql/v20240801:Server", map[string]any{
		"name": "orchard-pg", "location": location, "version": "16", "availabilityZone": "1", "fullyQualifiedDomainName": address,
		"sku":        map[string]any{"name": "Standard_D2ds_v5"},
		"authConfig": map[string]any{"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled", "tenantId": tenant},
	}, place)
	put(t, w, serverID+"/administrators/"+adminPrincipal, "dbforpostgresql/v20240801:Administrator", map[string]any{
		"objectId": adminPrincipal, "principalName": admin, "principalType": "ServicePrincipal",
	}, nil)
	put(t, w, serverID+"/databases/orchard", "dbforpostgresql/v20240801:Database", map[string]any{"name": "orchard"}, nil)
	runWorld(t, w)
	t.Cleanup(func() {
		if err := w.Remove(context.Background(), serverID); err != nil {
			t.Error(err)
		}
		if err := w.SettleRemoved(context.Background(), serverID); err != nil {
			t.Error(err)
		}
	})
	if err := w.Settle(t.Context(), serverID); err != nil {
		t.Fatal(err)
	}
	return c, w, address
}

// login connects through the endpoint as a program does: verified TLS, the
// token as the password.
func login(t *testing.T, c *Cloud, address, user, password string) (*pgx.Conn, error) {
	t.Helper()
	config, err := pgx.ParseConfig("")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(c.Authority.PEM())
	config.Host, config.Port, config.User, config.Password, config.Database, config.Fallbacks = address, 5432, user, password, "postgres", nil
	config.TLSConfig = &tls.Config{RootCAs: roots, ServerName: address, MinVersion: tls.VersionTLS12}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	conn, err := pgx.ConnectConfig(ctx, config)
	if err == nil {
		t.Cleanup(func() { conn.Close(context.Background()) })
	}
	return conn, err
}

func (c *Cloud) tokenOf(t *testing.T, object, resource string, now time.Time) string {
	t.Helper()
	token, _, err := c.issuer.Issue(entra.Identity{TenantID: tenant, PrincipalID: object}, resource, now)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestLogin(t *testing.T) {
	t.Parallel()
	c, _, address := databaseWorld(t)
	now := time.Now()
	asAdmin := c.tokenOf(t, adminPrincipal, databaseResource, now)
	asApp := c.tokenOf(t, principal, databaseResource, now)
	conn, err := login(t, c, address, admin, asAdmin)
	if err != nil {
		t.Fatalf("log in as the administrator: %v", err)
	}
	if _, err := conn.Exec(t.Context(), create, "orchard_app", principal, "service", false, false); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "create role plain login password 'secret'"); err != nil {
		t.Fatal(err)
	}
	if _, err := login(t, c, address, "orchard_app", asApp); err != nil {
		t.Errorf("log in as the application: %v", err)
	}
	for name, c2 := range map[string]struct{ user, password string }{
		"application as administrator": {admin, asApp},
		"administrator as application": {"orchard_app", asAdmin},
		"role of no principal":         {"plain", asApp},
		"a password":                   {"plain", "secret"},
		"no password":                  {admin, ""},
		"token for another service":    {admin, c.tokenOf(t, adminPrincipal, "https://storage.azure.com/", now)},
		"token that has ended":         {admin, c.tokenOf(t, adminPrincipal, databaseResource, now.Add(-48*time.Hour))},
		"the superuser":                {superuser, asAdmin},
	} {
		var refused *pgconn.PgError
		if _, err := login(t, c, address, c2.user, c2.password); !errors.As(err, &refused) || refused.Code != "28P01" {
			t.Errorf("%s: got %v, want SQLSTATE 28P01", name, err)
		}
	}
}
