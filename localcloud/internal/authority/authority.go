// Package authority is the certificate authority of a state folder: what the
// clouds' public authorities are to the real services, for the services that a
// daemon answers for.
//
// Its key never leaves the folder, and its certificate is trusted by nothing
// but the instances that are told of it. Certificates are issued in memory when
// a service starts and are not kept.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"orchard/localcloud/internal/durable"
)

// Lifetimes. A stack that is up for longer than a leaf lasts gets new ones when
// the daemon is started again.
const (
	rootLife = 10 * 365 * 24 * time.Hour
	leafLife = 825 * 24 * time.Hour
	skew     = time.Hour // before now, for clocks that are set back
)

// Authority issues certificates.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

// Load reads the authority in folder, or makes one there.
func Load(folder string) (*Authority, error) {
	path := filepath.Join(folder, "authority.pem")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if data, err = create(); err == nil {
			err = durable.Write(path, data, 0o600)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("load authority: %w", err)
	}
	a, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("load authority %s: %w; remove it with `localcloud reset`", path, err)
	}
	return a, nil
}

// create makes a key and a self-signed certificate, both in one PEM file so
// that there is no moment with only one of them.
func create() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "localcloud"},
		NotBefore:             time.Now().Add(-skew),
		NotAfter:              time.Now().Add(rootLife),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})...), nil
}

func parse(data []byte) (*Authority, error) {
	pair, err := tls.X509KeyPair(data, data)
	if err != nil {
		return nil, err
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("its key is not an ECDSA key")
	}
	certificate, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return nil, err
	}
	if time.Now().After(certificate.NotAfter) {
		return nil, errors.New("it has expired")
	}
	return &Authority{
		certificate: certificate, key: key,
		pem: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}),
	}, nil
}

// PEM is the authority's certificate, for a file of trusted roots.
func (a *Authority) PEM() []byte { return a.pem }

// Issue makes a certificate for a server with the given names, each a host
// name or an IP address.
func (a *Authority) Issue(names ...string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("issue certificate: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("issue certificate: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: names[0]},
		NotBefore:    time.Now().Add(-skew),
		NotAfter:     time.Now().Add(leafLife),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("issue certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der, a.certificate.Raw}, PrivateKey: key}, nil
}
