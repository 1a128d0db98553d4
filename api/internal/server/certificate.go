package server

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"orchard/api/internal/settings"
)

// lookInterval is how often files are looked at for a new certificate, while
// clients connect.
const lookInterval = time.Minute

// certificateFiles is a certificate that is renewed without a restart: what is
// new in its files is served to the clients that connect next. Files that hold
// no certificate are told of, and what was served is served on.
type certificateFiles struct {
	files settings.TLS
	log   *slog.Logger

	mu      sync.Mutex
	looked  time.Time
	changed time.Time // the later of the files' times, when they were read
	served  *tls.Certificate
}

// openCertificate reads the files for the first time, when they must be right.
func openCertificate(files settings.TLS, now time.Time, log *slog.Logger) (*certificateFiles, error) {
	c := &certificateFiles{files: files, log: log, looked: now}
	var err error
	if c.changed, err = c.modified(); err == nil {
		c.served, err = c.read()
	}
	if err != nil {
		return nil, fmt.Errorf("load ORCHARD_TLS_CERT and ORCHARD_TLS_KEY: %w", err)
	}
	return c, nil
}

// at is the certificate to serve at a time.
func (c *certificateFiles) at(now time.Time) *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.looked) < lookInterval {
		return c.served
	}
	c.looked = now
	changed, err := c.modified()
	if err == nil && changed.Equal(c.changed) {
		return c.served
	}
	var renewed *tls.Certificate
	if err == nil {
		renewed, err = c.read()
	}
	if err != nil {
		c.log.Warn("could not load the new certificate", "error", err)
		return c.served
	}
	c.changed, c.served = changed, renewed
	c.log.Info("took up a new certificate", "expires", renewed.Leaf.NotAfter)
	return c.served
}

func (c *certificateFiles) modified() (time.Time, error) {
	cert, err1 := os.Stat(c.files.Cert)
	key, err2 := os.Stat(c.files.Key)
	if err := errors.Join(err1, err2); err != nil {
		return time.Time{}, err
	}
	if later := key.ModTime(); later.After(cert.ModTime()) {
		return later, nil
	}
	return cert.ModTime(), nil
}

func (c *certificateFiles) read() (*tls.Certificate, error) {
	cert, err := tls.LoadX509KeyPair(c.files.Cert, c.files.Key)
	return &cert, err
}
