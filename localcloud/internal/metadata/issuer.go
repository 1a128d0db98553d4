package metadata

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"orchard/localcloud/internal/sigv4"
)

// Lifetime of credentials. They are renewed at half of it, so that what is
// handed out holds for Lifetime/2 at least, as AWS hands out new ones well
// before the old ones end.
const Lifetime = 6 * time.Hour

// Issuer makes and verifies temporary credentials.
type Issuer struct{ key []byte }

// NewIssuer takes the secret that everything is derived from, 32 bytes or
// more.
func NewIssuer(key []byte) (*Issuer, error) {
	if len(key) < 32 {
		return nil, fmt.Errorf("make credentials issuer: the key has %d bytes, want 32 or more", len(key))
	}
	return &Issuer{append([]byte(nil), key...)}, nil
}

// Credentials are temporary credentials of a role for an instance.
type Credentials struct {
	AccessKey, Secret, SessionToken string
	Issued, Expires                 time.Time
}

// claims is what a session token says.
type claims struct {
	Identity string `json:"r"`
	Instance string `json:"i"`
	Expires  int64  `json:"e"` // Unix seconds
}

// Issue returns the credentials of a role on an instance that are current at
// now: the same for all who ask within Lifetime/2.
func (i *Issuer) Issue(identity, instance string, now time.Time) (Credentials, error) {
	issued := now.UTC().Truncate(Lifetime / 2)
	expires := issued.Add(Lifetime)
	text, err := json.Marshal(claims{identity, instance, expires.Unix()})
	if err != nil {
		return Credentials{}, fmt.Errorf("issue credentials: %w", err)
	}
	payload := base64.StdEncoding.EncodeToString(text)
	return Credentials{
		AccessKey:    i.accessKey(payload),
		Secret:       i.secret(payload),
		SessionToken: payload + "." + i.sum("token", payload),
		Issued:       issued, Expires: expires,
	}, nil
}

// Lookup is the sigv4.Lookup for the credentials of this issuer.
func (i *Issuer) Lookup(accessKey, sessionToken string, now time.Time) (sigv4.Key, error) {
	payload, mark, _ := strings.Cut(sessionToken, ".")
	if !hmac.Equal([]byte(mark), []byte(i.sum("token", payload))) || !hmac.Equal([]byte(accessKey), []byte(i.accessKey(payload))) {
		return sigv4.Key{}, &sigv4.Error{Code: sigv4.UnknownKey, Reason: "the security token included in the request is invalid"}
	}
	c, err := parseClaims(payload)
	if err != nil {
		return sigv4.Key{}, &sigv4.Error{Code: sigv4.UnknownKey, Reason: err.Error()}
	}
	if !now.Before(time.Unix(c.Expires, 0)) {
		return sigv4.Key{}, &sigv4.Error{Code: sigv4.Expired, Reason: "the security token included in the request is expired"}
	}
	return sigv4.Key{Secret: i.secret(payload), Principal: sigv4.Principal{Identity: c.Identity, Instance: c.Instance}}, nil
}

func parseClaims(payload string) (claims, error) {
	var c claims
	text, err := base64.StdEncoding.DecodeString(payload)
	if err := errors.Join(err, json.Unmarshal(text, &c)); err != nil {
		return c, fmt.Errorf("read session token: %w", err)
	}
	return c, nil
}

// accessKey has the form of a temporary one: ASIA and 16 capitals or digits.
func (i *Issuer) accessKey(payload string) string {
	return "ASIA" + base32.StdEncoding.EncodeToString(i.digest("id", payload))[:16]
}

func (i *Issuer) secret(payload string) string { return i.sum("secret", payload)[:40] }

// sum is a keyed digest in base64, for one purpose.
func (i *Issuer) sum(purpose, text string) string {
	return base64.StdEncoding.EncodeToString(i.digest(purpose, text))
}

func (i *Issuer) digest(purpose, text string) []byte {
	h := hmac.New(sha256.New, i.key)
	h.Write([]byte(purpose + "\x00" + text))
	return h.Sum(nil)
}
