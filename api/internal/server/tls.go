package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"time"

	"orchard/api/internal/settings"
)

// tlsConfig returns what to serve TLS with, nil for none. HTTP/1.1 only: it is
// what balancers speak to their targets.
func tlsConfig(s settings.TLS, now time.Time, log *slog.Logger) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	switch s.Mode {
	case settings.TLSSelfSigned:
		cert, err := selfSigned(now)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{cert}
	case settings.TLSFiles:
		files, err := openCertificate(s, now, log)
		if err != nil {
			return nil, err
		}
		config.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return files.at(time.Now()), nil }
	default:
		return nil, nil
	}
	return config, nil
}

// selfSigned makes a key that lives as long as the process. Balancers encrypt
// to their targets without asking who signed, so the key need not be kept.
func selfSigned(now time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make TLS key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make TLS serial: %w", err)
	}
	name, err := os.Hostname()
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("name TLS certificate: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "orchard"},
		DNSNames:     []string{name, "localhost"},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(1, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make TLS certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
