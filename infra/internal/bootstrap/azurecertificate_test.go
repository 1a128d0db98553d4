package bootstrap

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orchard/infra/internal/golden"
)

const vaultBearer = "token-3"

// pemSecret is a key and a chain as a vault keeps them. What a line holds is
// of no account to the script, but base64 has + and /.
const pemSecret = "-----BEGIN PRIVATE KEY-----\nQUJD+/==\n-----END PRIVATE KEY-----\n" +
	"-----BEGIN CERTIFICATE-----\nREVG\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nR0hJ\n-----END CERTIFICATE-----\n"

func secureScript(t *testing.T) string {
	t.Helper()
	script, err := secure(sampleAzure(theDigest)).Render()
	if err != nil {
		t.Fatal(err)
	}
	return script
}

func TestAzureTLSGolden(t *testing.T) {
	t.Parallel()
	golden.Check(t, "testdata/azure-tls.golden.sh", strings.ReplaceAll(secureScript(t), theDigest, "<release>"))
}

// newSecureMachine answers for the vault with a status and a body, and as a
// service that speaks TLS. Its systemctl runs what fetches the certificate.
func newSecureMachine(t *testing.T, status int, body string) *machine {
	t.Helper()
	m := newAzureMachine(t, http.StatusOK)
	tls := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "fruit-vault.vault.azure.net" {
			metadata(w, r)
			return
		}
		if r.URL.String() != "/secrets/fruit-example-org?api-version=7.4" || r.Header.Get("Authorization") != "Bearer "+vaultBearer {
			status = http.StatusUnauthorized
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(tls.Close)
	old, err := os.ReadFile(filepath.Join(m.image, ".curlrc"))
	if err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	for line := range strings.Lines(string(old)) {
		if !strings.Contains(line, "localhost:8080") {
			lines.WriteString(line)
		}
	}
	for _, host := range []string{"localhost:8080", "fruit-vault.vault.azure.net:443"} {
		fmt.Fprintf(&lines, "connect-to = %s:%s\n", host, tls.Listener.Addr())
	}
	m.write(t, ".curlrc", lines.String())
	m.write(t, "systemctl", `#!/bin/bash
echo "$*" >>"$DESTDIR/systemctl.log"
[ "$*" = "start orchard-certificate.service" ] || exit 0
mkdir "$DESTDIR/var/lib/orchard-tls" -p -m 0700 || exit 1
[ ! -e "$DESTDIR/fetched" ] || exit 1 # once is enough
touch "$DESTDIR/fetched"
STATE_DIRECTORY="$DESTDIR/var/lib/orchard-tls" "$DESTDIR/usr/local/lib/orchard/fetch-certificate"
`)
	return m
}

// answerOf is how a vault answers for a secret.
func answerOf(t *testing.T, value string) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"value": value, "contentType": "application/x-pem-file", "id": "https://fruit-vault.vault.azure.net/secrets/fruit-example-org/1",
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAzureCertificate: the secret is in a file of the service's user alone,
// before the service starts, whatever escapes the vault writes.
func TestAzureCertificate(t *testing.T) {
	t.Parallel()
	plain := answerOf(t, pemSecret)
	for name, answer := range map[string]string{
		"plain": plain, "escaped": strings.NewReplacer("+", `\u002B`, "/", `\/`).Replace(plain),
	} {
		m := newSecureMachine(t, http.StatusOK, answer)
		if out, err := m.runScript(secureScript(t)); err != nil {
			t.Errorf("%s: script: %v\n%s", name, err, out)
			continue
		}
		file := "var/lib/orchard-tls/certificate.pem"
		if got := strings.TrimRight(m.read(t, file), "\n") + "\n"; got != pemSecret {
			t.Errorf("%s: certificate: got %q, want %q", name, got, pemSecret)
		}
		if info, err := os.Stat(filepath.Join(m.root, file)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: certificate: got %v, %v, want mode 0600", name, info, err)
		}
		path := m.root + "/" + file
		if environment := m.read(t, "etc/orchard/orchard.env"); !strings.Contains(environment, "ORCHARD_TLS=files\n") || !strings.Contains(environment, "ORCHARD_TLS_CERT="+path+"\nORCHARD_TLS_KEY="+path+"\n") {
			t.Errorf("%s: the service is not told of %s:\n%s", name, path, environment)
		}
		log := m.read(t, "systemctl.log")
		if fetched := strings.Index(log, "start orchard-certificate.service"); fetched < 0 || fetched > strings.Index(log, "orchard.socket") {
			t.Errorf("%s: the certificate is not there before the service:\n%s", name, log)
		}
		if !strings.Contains(log, "enable --now orchard-certificate.timer\n") {
			t.Errorf("%s: nothing asks for a new certificate:\n%s", name, log)
		}
	}
}

// TestAzureCertificateRefused: without a whole certificate nothing serves, and
// neither token nor secret is in the output.
func TestAzureCertificateRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"no role":       {http.StatusForbidden, `{"error": {"code": "Forbidden"}}`, "403"},
		"no key":        {http.StatusOK, answerOf(t, pemSecret[strings.Index(pemSecret, "-----BEGIN CERT"):]), "the secret is no PEM with a PRIVATE KEY"},
		"no PEM":        {http.StatusOK, answerOf(t, "MIIKcQIBAz"), "the secret is no PEM"},
		"not an answer": {http.StatusOK, "<html>", "the secret is no PEM"},
	} {
		m := newSecureMachine(t, c.status, c.body)
		out, err := m.runScript(secureScript(t))
		if err == nil || !strings.Contains(out, c.want) || !strings.Contains(out, "gave up: systemctl start orchard-certificate.service") {
			t.Errorf("%s: got %v, want a failure that says %q\n%s", name, err, c.want, out)
		}
		if strings.Contains(out, vaultBearer) || strings.Contains(out, "REVG") {
			t.Errorf("%s: the token or the secret is in the output:\n%s", name, out)
		}
		for _, path := range []string{"var/lib/orchard-tls/certificate.pem", "var/lib/orchard-tls/certificate.pem.new"} {
			if _, err := os.Stat(filepath.Join(m.root, path)); err == nil && c.status == http.StatusOK {
				t.Errorf("%s: %s is there", name, path)
			}
		}
		if log := m.read(t, "systemctl.log"); strings.Contains(log, "orchard.socket") {
			t.Errorf("%s: the service starts:\n%s", name, log)
		}
	}
}

// TestAzureCertificateKept: a vault that does not answer leaves the one that
// is there.
func TestAzureCertificateKept(t *testing.T) {
	t.Parallel()
	m := newSecureMachine(t, http.StatusOK, answerOf(t, pemSecret))
	if out, err := m.runScript(secureScript(t)); err != nil {
		t.Fatalf("script: %v\n%s", err, out)
	}
	m.write(t, ".curlrc", "connect-to = 169.254.169.254:80:127.0.0.1:1\n")
	again := filepath.Join(m.root, "usr/local/lib/orchard/fetch-certificate")
	if out, err := m.runScript("STATE_DIRECTORY=$DESTDIR/var/lib/orchard-tls " + again); err == nil {
		t.Errorf("fetch without metadata: got success\n%s", out)
	}
	if got := m.read(t, "var/lib/orchard-tls/certificate.pem"); !strings.HasPrefix(got, "-----BEGIN PRIVATE KEY-----\n") {
		t.Errorf("certificate after a fetch that failed: got %q", got)
	}
}
