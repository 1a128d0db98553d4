package authority

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"
)

func TestIssue(t *testing.T) {
	t.Parallel()
	a, err := Load(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := a.Issue("truststore.example.test", "127.9.0.2")
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(a.PEM())
	for name, want := range map[string]bool{"truststore.example.test": true, "127.9.0.2": true, "127.9.0.3": false, "example.test": false} {
		_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name})
		if got := err == nil; got != want {
			t.Errorf("certificate is good for %q: got %v (%v), want %v", name, got, err, want)
		}
	}
}

func TestLoadIsTheSameAgain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first, err := Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(second.PEM()), string(first.PEM()); got != want {
		t.Errorf("authority of the same folder: got\n%s\nwant\n%s", got, want)
	}
	info, err := os.Stat(filepath.Join(folder, "authority.pem"))
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode of the authority's file: got %o, want 600", got)
	}
}

func TestLoadRefusesRubbish(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "authority.pem"), []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(folder); err == nil {
		t.Error("Load of a folder with a damaged authority: got no error")
	}
}
