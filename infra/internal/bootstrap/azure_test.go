package bootstrap

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/infra/internal/golden"
)

const (
	appClient    = "0a0a0a0a-0000-4000-8000-000000000001"
	appPrincipal = "0b0b0b0b-0000-4000-8000-000000000002"
	adminClient  = "0c0c0c0c-0000-4000-8000-000000000003"
)

// secure is a service with a certificate.
func secure(a Azure) Azure {
	a.TLS, a.Vault, a.CertificateName = Files, "fruit-vault", "fruit-example-org"
	return a
}

func sampleAzure(digest string) Azure {
	return Azure{
		Service: Service{
			Digest: digest, PoolSize: 6, WriteToken: strings.Repeat("5e", 32), Drain: 20 * time.Second,
			Database: Database{
				Host: "orchard-0123456789.postgres.database.azure.com", Port: 5432, Name: "orchard",
				Role: "orchard_app", MasterRole: "orchard-admin-0123456789",
			},
		},
		Account: "orchard0123456789", Container: "releases1a2b3c4d", Key: "releases/" + digest + "/orchard",
		AppClient: appClient, AppPrincipal: appPrincipal, AdminClient: adminClient,
	}
}

func renderAzure(t *testing.T, digest string) string {
	t.Helper()
	script, err := sampleAzure(digest).Render()
	if err != nil {
		t.Fatal(err)
	}
	return script
}

func TestAzureGolden(t *testing.T) {
	t.Parallel()
	digest := strings.Repeat("ab", 32)
	script := renderAzure(t, digest)
	golden.Check(t, "testdata/azure.golden.sh", strings.ReplaceAll(script, digest, "<release>"))
	if len(script) > MaxBytes/2 {
		t.Errorf("custom data has %d bytes, want at most half of %d", len(script), MaxBytes)
	}
	check := exec.Command("bash", "-n")
	check.Stdin = strings.NewReader(script)
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("bash -n: %v\n%s", err, out)
	}
}

// TestAdminStaysWithMigration looks at the environment of the service.
func TestAdminStaysWithMigration(t *testing.T) {
	t.Parallel()
	script := renderAzure(t, strings.Repeat("ab", 32))
	_, service, _ := strings.Cut(script, `orchard.env" <<ENV`)
	service, migration, _ := strings.Cut(service, "\nENV\n")
	if strings.Contains(service, adminClient) || strings.Contains(service, "orchard-admin") {
		t.Errorf("the service's environment knows the administrator:\n%s", service)
	}
	if strings.Count(script, adminClient) != 1 || !strings.Contains(migration, "AZURE_CLIENT_ID="+adminClient) {
		t.Error("the administrator's client id is not in the migration's environment alone")
	}
}

func TestAzureRefuse(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Azure){
		"account":       func(a *Azure) { a.Account = "a b" },
		"container":     func(a *Azure) { a.Container = "" },
		"key":           func(a *Azure) { a.Key = "'" },
		"app client":    func(a *Azure) { a.AppClient = "$(id)" },
		"app principal": func(a *Azure) { a.AppPrincipal = "`id`" },
		"admin client":  func(a *Azure) { a.AdminClient = "a\nb" },
		"database host": func(a *Azure) { a.Database.Host = "$x" },
		"vault":         func(a *Azure) { a.TLS, a.Vault, a.CertificateName = Files, "$x", "fruit" },
		"certificate":   func(a *Azure) { a.TLS, a.Vault = Files, "fruit" },
	} {
		a := sampleAzure(strings.Repeat("ab", 32))
		change(&a)
		if _, err := a.Render(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got error %v, want one that names it", name, err)
		}
	}
}

const bearer = "token-2"

// azureMetadata answers as the machine's own metadata, and as the release.
func azureMetadata(w http.ResponseWriter, r *http.Request) {
	leaves := map[string]string{"name": "app_0a1b2c", "location": "germanywestcentral", "zone": "2"}
	leaf, known := leaves[strings.TrimPrefix(r.URL.Path, "/metadata/instance/compute/")]
	ours := r.Host == "169.254.169.254" && r.Header.Get("Metadata") == "true"
	query := r.URL.Query()
	switch {
	case ours && known && query.Get("api-version") == "2021-02-01" && query.Get("format") == "text":
		fmt.Fprint(w, leaf)
	case ours && r.URL.Path == "/metadata/identity/oauth2/token" && query.Get("api-version") == "2018-02-01" &&
		query.Get("resource") == "https://storage.azure.com/" && query.Get("client_id") == appClient:
		fmt.Fprintf(w, `{"access_token": %q, "expires_on": "1999999999", "token_type": "Bearer"}`, bearer)
	case ours && r.URL.Path == "/metadata/identity/oauth2/token" && query.Get("resource") == "https://vault.azure.net" && query.Get("client_id") == appClient:
		fmt.Fprintf(w, `{"access_token": %q}`, vaultBearer)
	default:
		metadata(w, r)
	}
}

// newAzureMachine answers for the release with the statuses in turn, the last
// of them for good.
func newAzureMachine(t *testing.T, statuses ...int) *machine {
	t.Helper()
	m := &machine{root: t.TempDir(), image: t.TempDir()}
	var asked atomic.Int32
	plain := httptest.NewServer(http.HandlerFunc(azureMetadata))
	t.Cleanup(plain.Close)
	tls := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := statuses[min(int(asked.Add(1)), len(statuses))-1]
		if r.Host != "orchard0123456789.blob.core.windows.net" || !strings.HasPrefix(r.URL.Path, "/releases1a2b3c4d/releases/") ||
			r.Header.Get("Authorization") != "Bearer "+bearer || r.Header.Get("X-Ms-Version") != "2020-10-02" {
			status = http.StatusBadRequest
		}
		if status != http.StatusOK {
			http.Error(w, "<Error><Code>AuthorizationPermissionMismatch</Code></Error>", status)
			return
		}
		fmt.Fprint(w, theRelease)
	}))
	t.Cleanup(tls.Close)
	here, there := plain.Listener.Addr(), tls.Listener.Addr()
	m.write(t, ".curlrc", fmt.Sprintf(
		"insecure\nconnect-to = 169.254.169.254:80:%s\nconnect-to = localhost:8080:%s\nconnect-to = orchard0123456789.blob.core.windows.net:443:%s\n", here, here, there))
	m.write(t, "systemctl", "#!/bin/bash\necho \"$*\" >>\"$DESTDIR/systemctl.log\"\n")
	m.write(t, "sleep", "#!/bin/bash\necho \"$*\" >>\"$DESTDIR/sleep.log\"\n")
	return m
}

func (m *machine) runAzure(t *testing.T, digest string) (string, error) {
	t.Helper()
	return m.runScript(renderAzure(t, digest))
}

func (m *machine) runScript(script string) (string, error) {
	command := exec.Command("bash")
	command.Stdin = strings.NewReader(script)
	command.Env = []string{"PATH=" + m.image + ":/usr/bin:/bin", "DESTDIR=" + m.root, "CURL_HOME=" + m.image, "HOME=" + m.image}
	out, err := command.CombinedOutput()
	return string(out), err
}

var theDigest = fmt.Sprintf("%x", sha256.Sum256([]byte(theRelease)))

// TestAzureRun runs the whole script while the role assignment is late.
func TestAzureRun(t *testing.T) {
	t.Parallel()
	m := newAzureMachine(t, http.StatusForbidden, http.StatusNotFound, http.StatusServiceUnavailable, http.StatusOK)
	if out, err := m.runAzure(t, theDigest); err != nil {
		t.Fatalf("script: %v\n%s", err, out)
	}
	if waits := m.read(t, "sleep.log"); waits != "5\n5\n5\n" {
		t.Errorf("waits between attempts: got %q, want three of 5 seconds", waits)
	}
	if got := m.read(t, "usr/local/bin/orchard"); got != theRelease {
		t.Errorf("installed release: got %q", got)
	}
	for name, want := range map[string][]string{
		"etc/orchard/orchard.env": {
			"ORCHARD_INSTANCE=app_0a1b2c\n", "ORCHARD_ZONE=germanywestcentral-2\n", "ORCHARD_DATABASE_AUTH=azure-entra\n",
			"?sslmode=verify-full\n", "AZURE_CLIENT_ID=" + appClient + "\n",
		},
		"etc/orchard/migrate.env": {
			"AZURE_CLIENT_ID=" + adminClient + "\n", "ORCHARD_APP_PRINCIPAL=" + appPrincipal + "\n", "ORCHARD_APP_ROLE=orchard_app\n",
			"ORCHARD_DATABASE_URL=postgres://orchard-admin-0123456789@",
		},
		"etc/systemd/system/orchard-events.service": {
			"\nExecStart=" + m.root + "/usr/local/bin/orchard events\n", "\nUser=orchard\nRestart=always\n",
			"\nEnvironment=ORCHARD_INSTANCE=app_0a1b2c ORCHARD_DRAIN_WAIT=20s ORCHARD_ADMIN_SOCKET=" + m.root + "/run/orchard/admin.sock\n",
		},
	} {
		text := m.read(t, name)
		for _, each := range want {
			if !strings.Contains(text, each) {
				t.Errorf("%s lacks %q:\n%s", name, each, text)
			}
		}
	}
	want := "daemon-reload\nstart orchard-migrate.service\nenable --now orchard.socket\nenable --now orchard.service\n" +
		"daemon-reload\nenable --now orchard-events.service\n"
	if diff := cmp.Diff(want, m.read(t, "systemctl.log")); diff != "" {
		t.Errorf("systemctl's commands (-want +got):\n%s", diff)
	}
}

// TestAzureRunStops: what will not change by waiting ends the script at once,
// and another binary is never installed.
func TestAzureRunStops(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		digest string
		want   string
	}{
		"refused for good": {http.StatusConflict, theDigest, "the store answers 409 for the release"},
		"another binary":   {http.StatusOK, strings.Repeat("ab", 32), "failed at line"},
	} {
		m := newAzureMachine(t, c.status)
		out, err := m.runAzure(t, c.digest)
		if err == nil || !strings.Contains(out, c.want) {
			t.Errorf("%s: got %v, want a failure that says %q\n%s", name, err, c.want, out)
		}
		if strings.Contains(out, bearer) {
			t.Errorf("%s: the token is in the output:\n%s", name, out)
		}
		for _, path := range []string{"usr/local/bin/orchard", "systemctl.log", "sleep.log"} {
			if _, err := os.Stat(filepath.Join(m.root, path)); err == nil {
				t.Errorf("%s: %s is there", name, path)
			}
		}
	}
}
