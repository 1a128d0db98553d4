package e2e

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// certificates are what a stack of each cloud is told of its certificate.
var certificates = map[string]string{
	"aws":   "certificateArn=arn:aws:acm:eu-central-1:000000000000:certificate/1b2c3d4e-0000-4000-8000-000000000000",
	"azure": "certificateSecret=/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/certificates/providers/Microsoft.KeyVault/vaults/fruit/secrets/fruit-example-com",
}

// TestHTTPS brings a stack up as one with a domain is: clients speak HTTPS
// under the domain's name, to the load balancer, or through it to the
// instances where it passes connections on.
func TestHTTPS(t *testing.T) {
	t.Parallel()
	for cloud, certificate := range certificates {
		t.Run(cloud, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, "CLOUD="+cloud, "CONFIG="+certificate+" domain=fruit.example.com")
			s.up()
			checkHTTPS(t, s)
		})
	}
}

func checkHTTPS(t *testing.T, s *stack) {
	t.Helper()
	if want := "https://fruit.example.com:8080"; s.url != want {
		t.Fatalf("url: got %s, want %s", s.url, want)
	}
	authority, err := os.ReadFile(s.state.Certificate())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		t.Fatalf("%s holds no certificate", s.state.Certificate())
	}
	balancer := s.world().Balancers[0].Address
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, balancer)
		},
	}}
	resp, err := client.Get(s.url + "/api/v1/fruit/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.TLS == nil || resp.TLS.Version < tls.VersionTLS12 {
		t.Errorf("GET %s: got %s over %+v, want 200 over TLS 1.2 or newer", s.url, resp.Status, resp.TLS)
	}
	plain, err := (&http.Client{Timeout: 20 * time.Second}).Get("http://" + balancer + "/api/v1/fruit/")
	if err == nil {
		defer plain.Body.Close()
	}
	if err == nil && !strings.HasPrefix(plain.Status, "4") {
		t.Errorf("GET without TLS: got %s, want no answer of the service", plain.Status)
	}
}
