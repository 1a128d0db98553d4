package azurecloud

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/cloudservice"
	"orchard/localcloud/internal/entra"
	"orchard/localcloud/internal/keyvault"
	"orchard/localcloud/internal/provider/azure"
)

const (
	vaultID     = "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/Fruit"
	secretsUser = "4633458b-17de-408a-b874-0445c86b69e6"
)

func TestMayReadSecret(t *testing.T) {
	t.Parallel()
	secret := keyvault.Address{Vault: "fruit", Name: "certificate"}
	for name, c := range map[string]struct {
		who        string
		assignment azure.RoleAssignment
		want       string
	}{
		"secret":         {"p-app", azure.RoleAssignment{Scope: vaultID + "/secrets/certificate", Role: secretsUser, PrincipalID: "p-app"}, ""},
		"vault":          {"p-app", azure.RoleAssignment{Scope: vaultID, Role: secretsUser, PrincipalID: "p-app"}, ""},
		"another secret": {"p-app", azure.RoleAssignment{Scope: vaultID + "/secrets/other", Role: secretsUser, PrincipalID: "p-app"}, "identity app may not read secret certificate of vault fruit"},
		"another vault":  {"p-app", azure.RoleAssignment{Scope: vaultID + "2", Role: secretsUser, PrincipalID: "p-app"}, "may not read"},
		"another's":      {"p-admin", azure.RoleAssignment{Scope: vaultID, Role: secretsUser, PrincipalID: "p-app"}, "identity admin may not read"},
		"role for blobs": {"p-app", azure.RoleAssignment{Scope: vaultID, Role: reader, PrincipalID: "p-app"}, "may not read"},
	} {
		cloud := stack
		cloud.RoleAssignments = []azure.RoleAssignment{c.assignment}
		checkError(t, name, mayReadSecret(cloud, claims(c.who), secret), c.want)
	}
}

// The real curl asks for a certificate, which is for the domain that the
// secret's name spells.
func TestCurlFetchesCertificate(t *testing.T) {
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
	curlrc := cloudservice.Curlrc("127.0.0.1", "127.0.0.1:1", root, map[string]string{"fruit.vault.azure.net": services[vaultService]})
	for path, text := range map[string]string{root: string(c.Authority.PEM()), filepath.Join(home, ".curlrc"): curlrc} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	token, _, err := c.issuer.Issue(entra.Identity{TenantID: tenant, ClientID: "c-app", PrincipalID: principal}, keyvault.Resource, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	fetch := func() (string, string) {
		t.Helper()
		curl := exec.CommandContext(t.Context(), "curl", "-sS", "-H", "Authorization: Bearer "+token,
			"https://fruit.vault.azure.net/secrets/fruit-example-org?api-version=7.4")
		curl.Env = []string{"CURL_HOME=" + home, "PATH=/usr/bin:/bin"}
		out, err := curl.CombinedOutput()
		var answer struct{ Value string }
		if err == nil {
			err = json.Unmarshal(out, &answer)
		}
		if err != nil {
			t.Fatalf("curl: %v: %s", err, out)
		}
		return string(out), answer.Value
	}
	if got, _ := fetch(); !strings.Contains(got, `"Forbidden"`) {
		t.Errorf("without a role: got %s", got)
	}
	put(t, w, "/assignment", "authorization/v20220401:RoleAssignment", map[string]any{
		"scope": vaultID, "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/" + secretsUser, "principalId": principal,
	}, nil)
	_, value := fetch()
	pair, err := tls.X509KeyPair([]byte(value), []byte(value))
	if err != nil {
		t.Fatalf("with a role: the secret is no certificate: %v", err)
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(c.Authority.PEM())
	if err == nil {
		_, err = leaf.Verify(x509.VerifyOptions{DNSName: "fruit.example.org", Roots: roots})
	}
	if err != nil {
		t.Errorf("verify certificate: %v", err)
	}
	if _, again := fetch(); again != value {
		t.Error("the certificate is another one when it is asked for again")
	}
}

func TestDomains(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"fruit": {"fruit"}, "Fruit-example": {"fruit.example", "fruit-example"},
		"a-b-c": {"a.b.c", "a.b-c", "a-b.c", "a-b-c"}, "a-b-c-d-e-f-g-h": {"a.b.c.d.e.f.g.h"},
	} {
		if diff := cmp.Diff(want, domains(name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
