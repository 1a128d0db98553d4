package keyvault_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/entra"
	"orchard/localcloud/internal/keyvault"
)

const value = "very secret"

// service has one secret, which the principal p-reader may read.
func service(t *testing.T) (h http.Handler, tokens func(principal, resource string) string, log *bytes.Buffer) {
	t.Helper()
	issuer, err := entra.NewIssuer(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	log = &bytes.Buffer{}
	h = keyvault.Handler(keyvault.Config{
		Issuer: issuer, Tenant: "tenant", Now: time.Now, Log: slog.New(slog.NewTextHandler(log, nil)),
		Authorize: func(_ *http.Request, who entra.Claims, secret keyvault.Address) error {
			if who.ObjectID == "p-reader" && secret.Vault == "fruit" {
				return nil
			}
			return errors.New(who.ObjectID + " may not read " + secret.Name)
		},
		Find: func(secret keyvault.Address) (keyvault.Secret, error) {
			if secret.Name != "certificate" {
				return keyvault.Secret{}, fs.ErrNotExist
			}
			return keyvault.Secret{Value: value, ContentType: "application/x-pem-file", Version: "v1", Created: time.Unix(1_700_000_000, 0)}, nil
		},
	})
	tokens = func(principal, resource string) string {
		token, _, err := issuer.Issue(entra.Identity{TenantID: "tenant", PrincipalID: principal}, resource, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	return h, tokens, log
}

func get(h http.Handler, method, url, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, url, nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestGetSecret(t *testing.T) {
	t.Parallel()
	h, tokens, _ := service(t)
	for _, path := range []string{"/secrets/certificate", "/secrets/certificate/", "/secrets/certificate/v1"} {
		w := get(h, "GET", "https://Fruit.vault.azure.net"+path+"?api-version=7.4", tokens("p-reader", keyvault.Resource))
		var got map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			t.Errorf("%s: got %d, %v: %s", path, w.Code, err, w.Body)
			continue
		}
		want := map[string]any{
			"value": value, "contentType": "application/x-pem-file", "id": "https://fruit.vault.azure.net/secrets/certificate/v1",
			"attributes": map[string]any{"enabled": true, "created": 1.7e9, "updated": 1.7e9},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	h, tokens, log := service(t)
	const secret = "https://fruit.vault.azure.net/secrets/certificate?api-version=7.4"
	good := tokens("p-reader", keyvault.Resource)
	for name, c := range map[string]struct {
		method, url, token string
		status             int
		want               string
	}{
		"no token":        {"GET", secret, "", 401, "AKV10000"},
		"forged token":    {"GET", secret, good + "x", 401, "was not signed here"},
		"token for blobs": {"GET", secret, tokens("p-reader", "https://storage.azure.com"), 401, "for another resource"},
		"no role":         {"GET", secret, tokens("p-other", keyvault.Resource), 403, "p-other may not read certificate"},
		"another vault":   {"GET", strings.Replace(secret, "fruit", "other", 1), good, 403, "may not read"},
		"no role, absent": {"GET", strings.Replace(secret, "certificate", "none", 1), tokens("p-other", keyvault.Resource), 403, "may not read"},
		"absent":          {"GET", strings.Replace(secret, "certificate", "none", 1), good, 404, "SecretNotFound"},
		"old version":     {"GET", strings.Replace(secret, "certificate", "certificate/v0", 1), good, 404, "SecretNotFound"},
		"list":            {"GET", "https://fruit.vault.azure.net/secrets?api-version=7.4", good, 405, "GET /secrets is not supported"},
		"set":             {"PUT", secret, good, 405, "PUT /secrets/certificate is not supported"},
		"no version":      {"GET", "https://fruit.vault.azure.net/secrets/certificate", good, 400, "api-version must be one of"},
		"no vault":        {"GET", "https://fruit.example.org/secrets/certificate?api-version=7.4", good, 400, "not that of a vault"},
	} {
		w := get(h, c.method, c.url, c.token)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: got %d %s, want %d with %q", name, w.Code, w.Body, c.status, c.want)
		}
		if challenge := w.Header().Get("WWW-Authenticate"); (challenge != "") != (c.status == 401) {
			t.Errorf("%s: got the challenge %q with status %d", name, challenge, w.Code)
		}
	}
	if strings.Contains(log.String(), value) {
		t.Errorf("the value is in the log:\n%s", log)
	}
}
