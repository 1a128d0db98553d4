package entra

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Lifetime of a token: a day, as managed identities get. The same token is
// handed out for renewed, so what is handed out holds for a day less that.
const (
	Lifetime = 24 * time.Hour
	renewed  = time.Hour
)

// header is that of every token: no other algorithm is ever accepted.
var header = encode([]byte(`{"alg":"HS256","typ":"JWT"}`))

// Issuer makes and verifies tokens.
type Issuer struct{ key []byte }

// NewIssuer takes the secret that the signing key is derived from, 32 bytes
// or more.
func NewIssuer(secret []byte) (*Issuer, error) {
	if len(secret) < 32 {
		return nil, fmt.Errorf("make token issuer: the secret has %d bytes, want 32 or more", len(secret))
	}
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("entra access token"))
	return &Issuer{h.Sum(nil)}, nil
}

// Identity is a managed identity.
type Identity struct {
	TenantID    string
	ClientID    string // its application id
	PrincipalID string // its object id, by which roles are assigned to it
	ResourceID  string // of the identity in Azure Resource Manager
}

// Claims is what a token says.
type Claims struct {
	Audience   string `json:"aud"` // the resource that it is for, as it was asked for
	Issuer     string `json:"iss"`
	IssuedAt   int64  `json:"iat"` // Unix seconds, as all times here
	NotBefore  int64  `json:"nbf"`
	Expires    int64  `json:"exp"`
	ClientID   string `json:"appid"`
	Kind       string `json:"idtyp"` // "app"
	ObjectID   string `json:"oid"`
	Subject    string `json:"sub"`
	TenantID   string `json:"tid"`
	Version    string `json:"ver"`
	ResourceID string `json:"xms_mirid"`
}

// Issue returns the token of an identity for a resource that is current at
// now, and what it says.
func (i *Issuer) Issue(who Identity, resource string, now time.Time) (string, Claims, error) {
	issued := now.UTC().Truncate(renewed)
	c := Claims{
		Audience: resource, Issuer: "https://sts.windows.net/" + who.TenantID + "/",
		IssuedAt: issued.Unix(), NotBefore: issued.Unix(), Expires: issued.Add(Lifetime).Unix(),
		ClientID: who.ClientID, Kind: "app", ObjectID: who.PrincipalID, Subject: who.PrincipalID,
		TenantID: who.TenantID, Version: "1.0", ResourceID: who.ResourceID,
	}
	text, err := json.Marshal(c)
	if err != nil {
		return "", Claims{}, fmt.Errorf("issue token: %w", err)
	}
	signed := header + "." + encode(text)
	return signed + "." + i.sign(signed), c, nil
}

// Errors of Verify.
var (
	ErrInvalid  = errors.New("the token is not valid")
	ErrExpired  = errors.New("the token has expired")
	ErrAudience = errors.New("the token is for another resource")
)

// Verify checks a token of this issuer and returns what it says. The audience
// is the resource that the caller is.
func (i *Issuer) Verify(token, audience string, now time.Time) (Claims, error) {
	at := strings.LastIndex(token, ".")
	if at < 0 || !hmac.Equal([]byte(token[at+1:]), []byte(i.sign(token[:at]))) {
		return Claims{}, fmt.Errorf("%w: it was not signed here", ErrInvalid)
	}
	c, err := parse(token[:at])
	if err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	switch {
	case now.Unix() < c.NotBefore:
		return Claims{}, fmt.Errorf("%w: it begins at %s", ErrInvalid, time.Unix(c.NotBefore, 0).UTC())
	case now.Unix() >= c.Expires:
		return Claims{}, fmt.Errorf("%w at %s", ErrExpired, time.Unix(c.Expires, 0).UTC())
	case !SameResource(c.Audience, audience):
		return Claims{}, fmt.Errorf("%w: %s, not %s", ErrAudience, c.Audience, audience)
	}
	return c, nil
}

// parse reads the claims of a token whose signature is good.
func parse(signed string) (Claims, error) {
	head, payload, _ := strings.Cut(signed, ".")
	if head != header {
		return Claims{}, errors.New("its header is not of this issuer")
	}
	text, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return Claims{}, err
	}
	var c Claims
	return c, json.Unmarshal(text, &c)
}

// SameResource compares two resources as Entra does: a slash at the end makes
// no difference, neither does case.
func SameResource(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "/"), strings.TrimSuffix(b, "/"))
}

func (i *Issuer) sign(text string) string {
	h := hmac.New(sha256.New, i.key)
	h.Write([]byte(text))
	return encode(h.Sum(nil))
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
