package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// VerifyRequest checks a request's Authorization header, for a service such
// as "s3" in a region. body is the whole body; its digest is checked too.
// The error is an *Error.
func VerifyRequest(r *http.Request, body []byte, service, region string, lookup Lookup, now time.Time) (Principal, error) {
	a, err := parseAuthorization(r.Header.Get("Authorization"))
	if err != nil {
		return Principal{}, err
	}
	if a.service != service || a.region != region {
		return Principal{}, refuse(NoMatch, "the credential is scoped to %s in %s, this is %s in %s", a.service, a.region, service, region)
	}
	at, err := parseTime(r.Header.Get("X-Amz-Date"), a.scope)
	if err != nil {
		return Principal{}, err
	}
	if skew := now.Sub(at); skew > MaxSkew || skew < -MaxSkew {
		return Principal{}, refuse(Skewed, "signed at %s, which is more than %s from now", at.Format(timeFormat), MaxSkew)
	}
	hash, err := payloadHash(r, body)
	if err != nil {
		return Principal{}, err
	}
	token := r.Header.Get("X-Amz-Security-Token")
	key, err := lookup(a.key, token, now)
	if err != nil {
		return Principal{}, err
	}
	again, err := a.covered(r)
	if err != nil {
		return Principal{}, err
	}
	if err := signer(service).SignHTTP(r.Context(), credentials(a.scope, key, token), again, hash, service, region, at); err != nil {
		return Principal{}, refuse(Incomplete, "the request cannot be signed: %v", err)
	}
	made, err := parseAuthorization(again.Header.Get("Authorization"))
	if err != nil {
		return Principal{}, err
	}
	if !same(a.signature, made.signature) {
		return Principal{}, refuse(NoMatch, "the signature is not the one that the secret key makes")
	}
	return key.Principal, nil
}

// authorization is the parsed header.
type authorization struct {
	scope
	headers   []string
	signature string
}

func parseAuthorization(header string) (authorization, error) {
	var a authorization
	if header == "" {
		return a, refuse(Missing, "the request is not signed")
	}
	fields, ok := strings.CutPrefix(header, algorithm+" ")
	if !ok {
		return a, refuse(Incomplete, "the Authorization header does not start with %s", algorithm)
	}
	values := map[string]string{}
	for field := range strings.SplitSeq(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		values[name] = value
	}
	var err error
	if a.scope, err = parseScope(values["Credential"]); err != nil {
		return a, err
	}
	a.headers, a.signature = strings.Split(values["SignedHeaders"], ";"), values["Signature"]
	if a.signature == "" || !slices.Contains(a.headers, "host") {
		return a, refuse(Incomplete, "the Authorization header lacks a signature over the host")
	}
	return a, nil
}

// covered returns the request reduced to what its signature says it covers.
// Every x-amz- header must be among that.
func (a authorization) covered(r *http.Request) (*http.Request, error) {
	again := r.Clone(r.Context())
	again.Body, again.Header = nil, http.Header{}
	if !slices.Contains(a.headers, "content-length") {
		again.ContentLength = 0
	}
	again.URL.Host = r.Host
	for name, values := range r.Header {
		lower := strings.ToLower(name)
		signed := slices.Contains(a.headers, lower)
		if !signed && strings.HasPrefix(lower, "x-amz-") {
			return nil, refuse(NoMatch, "header %s is not signed", lower)
		}
		if signed && lower != "content-length" {
			again.Header[name] = values
		}
	}
	return again, nil
}

// payloadHash is the digest that the signature covers, checked against the
// body unless the client chose not to sign it, which S3 allows over TLS.
func payloadHash(r *http.Request, body []byte) (string, error) {
	sum := sha256.Sum256(body)
	actual := hex.EncodeToString(sum[:])
	declared := r.Header.Get("X-Amz-Content-Sha256")
	switch {
	case declared == "" || declared == actual:
		return actual, nil
	case declared == "UNSIGNED-PAYLOAD" && r.TLS != nil:
		return declared, nil
	}
	return "", refuse(BodyMismatch, "x-amz-content-sha256 is not the digest of the body")
}
