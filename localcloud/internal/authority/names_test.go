package authority

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"testing"
)

func TestByName(t *testing.T) {
	t.Parallel()
	a, err := Load(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ask := a.ByName("127.0.0.10")
	get := func(name string) *tls.Certificate {
		t.Helper()
		c, err := ask(&tls.ClientHelloInfo{ServerName: name})
		if err != nil {
			t.Fatalf("certificate for %q: %v", name, err)
		}
		return c
	}
	for asked, want := range map[string]string{"fruit.example.com": "fruit.example.com", "": "127.0.0.10"} {
		leaf, err := x509.ParseCertificate(get(asked).Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := leaf.VerifyHostname(want); err != nil {
			t.Errorf("certificate for %q: %v", asked, err)
		}
	}
	first := get("fruit.example.com")
	if get("fruit.example.com") != first {
		t.Error("certificate for the same name again: got another")
	}
	for n := range 100 {
		get(fmt.Sprintf("host%d.example.com", n))
	}
	if get("fruit.example.com") == first {
		t.Error("certificate after a hundred other names: got the first one still, want few kept")
	}
}
