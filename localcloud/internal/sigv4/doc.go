// Package sigv4 verifies AWS Signature Version 4: requests signed in their
// Authorization header, and the presigned addresses that RDS takes as
// passwords.
//
// A signature is verified by making it again with the SDK's own signer from
// the parts of the request that it says it covers, so that this package and
// the clients cannot disagree on canonical forms. Credentials are always
// temporary: a request without a session token is refused.
//
// Left out: presigned requests to services other than RDS, chunked payload
// signatures, Signature Version 4A.
package sigv4

import (
	"errors"
	"fmt"
	"time"
)

// Limits of the signature's age.
const (
	MaxSkew       = 5 * time.Minute  // between the signer's clock and ours
	TokenLifetime = 15 * time.Minute // of an RDS token
)

// Principal is who signed.
type Principal struct {
	Identity string // the role, under the id by which its issuer was asked for it
	Instance string // the instance that the credentials were given to
}

// Key is what a verifier needs of credentials.
type Key struct {
	Secret    string
	Principal Principal
}

// Lookup finds the credentials behind an access key and session token. Its
// errors are an *Error, with the code InvalidClientTokenId or ExpiredToken.
type Lookup func(accessKey, sessionToken string, now time.Time) (Key, error)

// Code names why a request is refused; services spell it in their own way.
type Code string

// The reasons for which a request is refused.
const (
	Missing      Code = "MissingAuthenticationToken"
	Incomplete   Code = "IncompleteSignature"
	UnknownKey   Code = "InvalidClientTokenId"
	Expired      Code = "ExpiredToken"
	Skewed       Code = "RequestTimeTooSkewed"
	NoMatch      Code = "SignatureDoesNotMatch"
	BodyMismatch Code = "XAmzContentSHA256Mismatch"
)

// Error is a refusal. Its text names no secret and no signature.
type Error struct {
	Code   Code
	Reason string
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Reason }

func refuse(code Code, format string, args ...any) error {
	return &Error{code, fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of a refusal, NoMatch for any other error.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return NoMatch
}
