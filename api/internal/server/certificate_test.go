package server

import (
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orchard/api/internal/settings"
)

// oneFile is for a certificate and its key in the same file.
func oneFile(t *testing.T) settings.TLS {
	t.Helper()
	path := filepath.Join(t.TempDir(), "certificate.pem")
	return settings.TLS{Mode: settings.TLSFiles, Cert: path, Key: path}
}

// renew puts a new certificate in the place of the old one, as of a time.
func renew(t *testing.T, files settings.TLS, at time.Time) *x509.Certificate {
	t.Helper()
	cert, err := selfSigned(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	replace(t, files, at, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))+
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})))
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

func replace(t *testing.T, files settings.TLS, at time.Time, text string) {
	t.Helper()
	fresh := files.Cert + ".new"
	if err := os.WriteFile(fresh, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(fresh, at, at); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(fresh, files.Cert); err != nil {
		t.Fatal(err)
	}
}

// A new certificate is served within lookInterval; what is none, or is gone,
// leaves the one that was served.
func TestCertificateIsRenewed(t *testing.T) {
	t.Parallel()
	files, begin := oneFile(t), time.Now()
	first := renew(t, files, begin)
	c, err := openCertificate(files, begin, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	serves := func(when string, after time.Duration, want *x509.Certificate) {
		t.Helper()
		if got := c.at(begin.Add(after)); !got.Leaf.Equal(want) {
			t.Errorf("%s: got the certificate %v, want %v", when, got.Leaf.SerialNumber, want.SerialNumber)
		}
	}
	second := renew(t, files, begin.Add(time.Second))
	serves("before the next look", lookInterval-1, first)
	serves("at the next look", lookInterval, second)
	replace(t, files, begin.Add(2*time.Second), "no certificate")
	serves("after a broken file", 2*lookInterval, second)
	if err := os.Remove(files.Cert); err != nil {
		t.Fatal(err)
	}
	serves("after the file is gone", 3*lookInterval, second)
	third := renew(t, files, begin.Add(3*time.Second))
	serves("after it was mended", 4*lookInterval, third)
}

func TestCertificateMustBeThere(t *testing.T) {
	t.Parallel()
	files := settings.TLS{Mode: settings.TLSFiles, Cert: "/none", Key: "/none"}
	if _, err := tlsConfig(files, time.Now(), slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "ORCHARD_TLS_CERT") {
		t.Errorf("a missing file: got %v, want an error that names ORCHARD_TLS_CERT", err)
	}
}
