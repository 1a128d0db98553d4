package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"orchard/api/internal/pgtest"
)

const (
	adminClient  = "aaaaaaaa-0000-4000-8000-000000000001"
	appClient    = "aaaaaaaa-0000-4000-8000-000000000002"
	appPrincipal = "bbbbbbbb-0000-4000-8000-000000000002"
)

// createPrincipal stands for Azure's function: what it makes signs in with the
// token of the object id, and a role that is there is an error.
const createPrincipal = `CREATE FUNCTION pgaadauth_create_principal_with_oid(role text, oid text, kind text, admin boolean, mfa boolean)
	RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
		IF kind <> 'service' OR admin OR mfa THEN RAISE 'not a plain service principal'; END IF;
		EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L', role, 'token of ' || oid);
		RETURN 'Created role';
	END $$`

// entraServer is a server that takes TLS and tokens only, with an
// administrator and the database orchard. It returns its port and the file of
// its certificate.
func entraServer(t *testing.T) (port int, cert string) {
	t.Helper()
	dir := pgtest.Dir(t)
	cert, key := writeCertificate(t, dir)
	hba := filepath.Join(dir, "hba.conf")
	ownedByServer(t, hba, "host all postgres 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 password\n")
	pg, err := pgtest.Start(dir, "ssl=on", "ssl_cert_file="+cert, "ssl_key_file="+key, "hba_file="+hba)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pg.Stop)
	pgtest.Exec(t, pg.URL("postgres"), createPrincipal,
		`CREATE ROLE "orchard-admin" LOGIN PASSWORD 'token of the administrator'`,
		`CREATE DATABASE orchard OWNER "orchard-admin"`)
	return pg.Port, cert
}

func writeCertificate(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	ownedByServer(t, cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	ownedByServer(t, key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})))
	return cert, key
}

// ownedByServer writes a file for the user that PostgreSQL runs as.
func ownedByServer(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		return
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(nobody.Uid)
	if err := os.Chown(path, uid, -1); err != nil {
		t.Fatal(err)
	}
}

// Ten machines boot at once on a server that knows neither schema nor role;
// each migrates with the administrator's token. Then the service signs in with
// its own token to a role that was made for its own object id.
func TestEntraFromMigrationToService(t *testing.T) {
	t.Parallel()
	m := newMetadata(t, map[string]string{adminClient: "token of the administrator", appClient: "token of " + appPrincipal})
	port, cert := entraServer(t)
	env := func(role, client string, more ...string) []string {
		url := "postgres://" + role + "@127.0.0.1:" + strconv.Itoa(port) + "/orchard?sslmode=verify-full"
		return append(more, "ORCHARD_DATABASE_URL="+url, "ORCHARD_DATABASE_AUTH=azure-entra", "AZURE_CLIENT_ID="+client,
			"SSL_CERT_FILE="+cert, m.environment())
	}
	var group errgroup.Group
	for range 10 {
		group.Go(func() error {
			migrate := exec.Command(binary, "migrate")
			migrate.Env = env("orchard-admin", adminClient, "ORCHARD_APP_PRINCIPAL="+appPrincipal)
			out, err := migrate.CombinedOutput()
			if err != nil {
				t.Errorf("orchard migrate: %v\n%s", err, out)
			}
			return err
		})
	}
	if group.Wait() != nil {
		t.FailNow()
	}
	before := m.given()
	service := serve(t, env("orchard_app", appClient, "ORCHARD_LISTEN=127.0.0.1:0", "ORCHARD_DATABASE_POOL=4"), nil)
	for range 20 {
		group.Go(func() error {
			resp, err := http.Post(service.url+"/api/v1/fruit/", "application/json", strings.NewReader(`{"name": "`+rand.Text()+`"}`))
			if err != nil {
				return err
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusCreated {
				t.Errorf("create: got %d, want 201", resp.StatusCode)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	if got := status(t, service.url+"/readyz"); got != 200 {
		t.Errorf("/readyz: got %d, want 200", got)
	}
	if n := m.given() - before; n < 1 || n > 4 {
		t.Errorf("tokens asked for: got %d, want few, since they are kept", n)
	}
}
