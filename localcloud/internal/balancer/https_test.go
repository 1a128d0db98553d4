package balancer_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/balancer"
)

// certificate is one of our own making for fruit.example, and the pool of
// roots that trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"fruit.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, roots
}

// listenTLS serves the pool by HTTPS; the result is also what a client needs
// to know to trust it.
func listenTLS(t *testing.T, p *balancer.Pool) (*balancer.Listener, *tls.Config) {
	t.Helper()
	cert, roots := certificate(t)
	l, _ := listen(t, p, func(c *balancer.ListenerConfig) { c.TLS = &tls.Config{Certificates: []tls.Certificate{cert}} })
	return l, &tls.Config{RootCAs: roots, ServerName: "fruit.example"}
}

func TestHTTPS(t *testing.T) {
	t.Parallel()
	var got http.Header
	target := adopted(serve(t, "i-1", "a", func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		io.Copy(w, r.Body)
	}))
	p := runPool(t, poolConfig(t), target)
	l, trust := listenTLS(t, p.Pool)
	_, port, _ := net.SplitHostPort(l.Address())
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: trust, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	sent := strings.Repeat("fruit", 100_000)
	for range 2 {
		resp, err := client.Post("https://"+l.Address(), "text/plain", strings.NewReader(sent))
		if err != nil {
			t.Fatal(err)
		}
		if body := read(t, resp); body != sent || resp.ProtoMajor != 1 {
			t.Errorf("got %d bytes by %s, want the %d sent back by HTTP/1.1", len(body), resp.Proto, len(sent))
		}
	}
	if got.Get("X-Forwarded-Proto") != "https" || got.Get("X-Forwarded-Port") != port {
		t.Errorf("forwarded fields: got %v, want https and port %s", got, port)
	}
}

func TestHandshakeErrorsAreCounted(t *testing.T) {
	t.Parallel()
	p := runPool(t, poolConfig(t))
	l, trust := listenTLS(t, p.Pool)
	old, other := trust.Clone(), trust.Clone()
	old.MaxVersion, other.NextProtos = tls.VersionTLS11, []string{"h2"}
	for name, config := range map[string]*tls.Config{"TLS 1.1": old, "HTTP/2 only": other} {
		if conn, err := tls.Dial("tcp", l.Address(), config); err == nil {
			conn.Close()
			t.Errorf("%s: got a connection, want the handshake to fail", name)
		}
	}
	conn, err := net.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if answer, err := io.ReadAll(conn); err == nil && strings.Contains(string(answer), "200") {
		t.Errorf("HTTP in the clear: got %q", answer)
	}
	for deadline := time.Now().Add(patience); l.Status().Handshakes != 3; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("failed handshakes: got %d, want 3", l.Status().Handshakes)
		}
	}
	if n := l.Status().Requests; n != 0 {
		t.Errorf("requests: got %d, want none", n)
	}
}

// A client of HTTPS that leaves is noticed below TLS.
func TestHTTPSClientCloses(t *testing.T) {
	t.Parallel()
	arrived, left := make(chan struct{}), make(chan struct{})
	target := raw(t, "i-1", func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
			return
		}
		close(arrived)
		io.Copy(io.Discard, c)
		close(left)
	})
	p := uncheckedPool(t, target)
	l, trust := listenTLS(t, p)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+l.Address(), nil)
	go func() {
		transport := &http.Transport{TLSClientConfig: trust}
		if resp, err := transport.RoundTrip(req); err == nil {
			resp.Body.Close()
		}
	}()
	wait(t, "request at the target", arrived)
	cancel()
	wait(t, "target's connection closed", left)
}

// uncheckedPool is a pool that does not run: its targets are never checked,
// and get requests by fail open.
func uncheckedPool(t testing.TB, targets ...balancer.Target) *balancer.Pool {
	t.Helper()
	p, err := balancer.NewPool(poolConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	p.SetTargets(targets)
	return p
}

func TestTLSWithoutCertificateIsRefused(t *testing.T) {
	t.Parallel()
	_, err := balancer.Listen(balancer.ListenerConfig{
		Address: "127.0.0.9:0", Pool: uncheckedPool(t), IdleTimeout: time.Minute, Logger: quiet, TLS: &tls.Config{},
	})
	if err == nil || !strings.Contains(err.Error(), "no certificate") {
		t.Errorf("got %v, want an error that says there is no certificate", err)
	}
}
