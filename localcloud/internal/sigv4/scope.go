package sigv4

import (
	"crypto/subtle"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeFormat = "20060102T150405Z"
	emptyHash  = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // SHA-256 of nothing
)

// scope is the credential of a signature: KEY/date/region/service/aws4_request.
type scope struct{ key, date, region, service string }

func parseScope(text string) (scope, error) {
	parts := strings.Split(text, "/")
	if len(parts) != 5 || parts[4] != "aws4_request" {
		return scope{}, refuse(Incomplete, "credential %q is not KEY/date/region/service/aws4_request", text)
	}
	return scope{parts[0], parts[1], parts[2], parts[3]}, nil
}

// parseTime reads a signing time and compares it with the scope's date.
func parseTime(text string, s scope) (time.Time, error) {
	at, err := time.Parse(timeFormat, text)
	if err != nil {
		return at, refuse(Incomplete, "signing time %q is not of the form %s", text, timeFormat)
	}
	if !strings.HasPrefix(text, s.date) {
		return at, refuse(NoMatch, "the credential's date %s is not that of the signing time %s", s.date, text)
	}
	return at, nil
}

func credentials(s scope, key Key, token string) aws.Credentials {
	return aws.Credentials{AccessKeyID: s.key, SecretAccessKey: key.Secret, SessionToken: token}
}

// signer is set up for a service: S3 alone signs paths as they are.
func signer(service string) *v4.Signer {
	return v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" })
}

// same compares signatures in constant time.
func same(got, want string) bool {
	return got != "" && subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1
}
