package azurecloud

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/authority"
	"orchard/localcloud/internal/cloudservice"
	"orchard/localcloud/internal/entra"
	"orchard/localcloud/internal/postgres"
	"orchard/localcloud/internal/world"
)

var _ world.Cloud = (*Cloud)(nil)

const (
	release     = "the release"
	principal   = "22222222-2222-4333-8444-555555555555"
	identityID  = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app"
	location    = "westeurope"
	releasePath = "https://orchard1.blob.core.windows.net/releases/releases/x/orchard"
)

// stackWorld is a world with an account, a container, a blob and an identity
// that may not read it yet.
func stackWorld(t *testing.T) (*Cloud, *world.World) {
	t.Helper()
	folder, err := os.MkdirTemp("", "azure-*") // short, for the sockets of instances
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o711); err != nil {
		t.Fatal(err)
	}
	root, err := authority.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(release))
	digest := hex.EncodeToString(sum[:])
	if err := os.WriteFile(filepath.Join(folder, digest), []byte(release), 0o600); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	c, err := New(Config{Authority: root, Key: bytes.Repeat([]byte{7}, 32), Blobs: folder, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	install, err := postgres.Find(t.Context(), postgres.Search{Path: os.Getenv("PATH")})
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	w, err := world.Open(world.Options{
		Clouds: map[string]world.Cloud{"azure-native": c}, TimeScale: 10, Authority: root, Log: log,
		Images: filepath.Join(folder, "images"), Executable: self, Postgres: install,
	}, filepath.Join(folder, "w"), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := world.Release(filepath.Join(folder, "w")); err != nil {
			t.Error(err)
		}
	})
	put(t, w, identityID, "managedidentity/v20230131:UserAssignedIdentity", map[string]any{
		"name": "app", "clientId": "c-app", "principalId": principal, "tenantId": tenant,
	}, map[string]any{"location": location})
	put(t, w, account, "storage/v20240101:StorageAccount", map[string]any{"name": "orchard1"}, nil)
	put(t, w, scope, "storage/v20240101:BlobContainer", map[string]any{"name": "releases"}, nil)
	put(t, w, scope+"/blobs/x", "storage:Blob", map[string]any{
		"containerName": "releases", "name": "releases/x/orchard", "contentType": "application/octet-stream",
	}, map[string]any{"sha256": digest, "size": float64(len(release)), "etag": "0x8D"})
	return c, w
}

func put(t *testing.T, w *world.World, id, typ string, outputs, private map[string]any) {
	t.Helper()
	r := world.Resource{
		ID: id, URN: "urn:pulumi:test::orchard::azure-native:" + typ + "::r", Cloud: "azure-native", Type: "azure-native:" + typ,
		Inputs: map[string]any{}, Outputs: outputs, Private: private, Confirmed: true,
	}
	if err := w.Put(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

// The real curl, led by the file that an instance has.
func TestCurlFetchesRelease(t *testing.T) {
	t.Parallel()
	c, w := stackWorld(t)
	if err := c.Serve(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	services, err := cloudservice.Addresses(w, c.services(w))
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	root := filepath.Join(home, "ca.pem")
	curlrc := cloudservice.Curlrc("127.0.0.1", "127.0.0.1:1", root, map[string]string{"orchard1.blob.core.windows.net": services[blobService]})
	for path, text := range map[string]string{root: string(c.Authority.PEM()), filepath.Join(home, ".curlrc"): curlrc} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	token, _, err := c.issuer.Issue(entra.Identity{TenantID: tenant, ClientID: "c-app", PrincipalID: principal}, "https://storage.azure.com/", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	fetch := func() string {
		t.Helper()
		curl := exec.CommandContext(t.Context(), "curl", "-sS", "-w", " %{http_code} %header{x-ms-error-code}",
			"-H", "Authorization: Bearer "+token, "-H", "x-ms-version: 2020-10-02", releasePath)
		curl.Env = []string{"CURL_HOME=" + home, "PATH=/usr/bin:/bin"}
		out, err := curl.CombinedOutput()
		if err != nil {
			t.Fatalf("curl: %v: %s", err, out)
		}
		return string(out)
	}
	if got := fetch(); !strings.HasSuffix(got, " 403 AuthorizationPermissionMismatch") || !strings.Contains(got, "identity app may not read blobs at "+scope) {
		t.Errorf("without a role: got %s", got)
	}
	put(t, w, "/assignment", "authorization/v20220401:RoleAssignment", map[string]any{
		"scope": scope, "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/" + reader, "principalId": principal,
	}, nil)
	if got, want := fetch(), release+" 200 "; got != want {
		t.Errorf("with a role: got %q, want %q", got, want)
	}
}

func TestCallerNeedsService(t *testing.T) {
	t.Parallel()
	r, err := http.NewRequest(http.MethodGet, "https://example.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	if who, err := cloudservice.Caller(r); err == nil {
		t.Errorf("caller of a request that came from nowhere: got %q, want an error", who)
	}
}
