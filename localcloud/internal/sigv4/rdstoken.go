package sigv4

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// rdsService is the service that RDS tokens are signed for.
const rdsService = "rds-db"

// VerifyRDSToken checks a token that a client sent as its password: made for
// this host:port and this user, not older than it says (at most
// TokenLifetime), by credentials that still hold. The error is an *Error.
//
// A session that was opened with a token lives on when the token ends: only
// the login is checked.
func VerifyRDSToken(token, hostport, user string, lookup Lookup, now time.Time) (Principal, error) {
	address, query, err := parseToken(token)
	if err != nil {
		return Principal{}, err
	}
	if !strings.EqualFold(address.Host, hostport) {
		return Principal{}, refuse(NoMatch, "the token is for %s, this is %s", address.Host, hostport)
	}
	if query.Get("Action") != "connect" || query.Get("DBUser") != user {
		return Principal{}, refuse(NoMatch, "the token is to %s as %q, not to connect as %q", query.Get("Action"), query.Get("DBUser"), user)
	}
	s, err := parseScope(query.Get("X-Amz-Credential"))
	if err != nil {
		return Principal{}, err
	}
	if s.service != rdsService {
		return Principal{}, refuse(NoMatch, "the token is scoped to the service %s, not to %s", s.service, rdsService)
	}
	at, err := tokenTime(query, s, now)
	if err != nil {
		return Principal{}, err
	}
	session := query.Get("X-Amz-Security-Token")
	key, err := lookup(s.key, session, now)
	if err != nil {
		return Principal{}, err
	}
	made, err := presign(address, query, s, key, at)
	if err != nil {
		return Principal{}, err
	}
	if !same(query.Get("X-Amz-Signature"), made) {
		return Principal{}, refuse(NoMatch, "the signature is not the one that the secret key makes")
	}
	return key.Principal, nil
}

// tokenParameters are all that a token may hold, each once.
var tokenParameters = map[string]bool{
	"Action": true, "DBUser": true, "X-Amz-Algorithm": true, "X-Amz-Credential": true, "X-Amz-Date": true,
	"X-Amz-Expires": true, "X-Amz-Security-Token": true, "X-Amz-Signature": true, "X-Amz-SignedHeaders": true,
}

func parseToken(token string) (*url.URL, url.Values, error) {
	address, err := url.Parse("https://" + token)
	if err != nil {
		return nil, nil, refuse(Incomplete, "the password is no token of the form host:port/?Action=connect&...")
	}
	query, err := url.ParseQuery(address.RawQuery)
	if err != nil || query.Get("X-Amz-Algorithm") != algorithm || query.Get("X-Amz-SignedHeaders") != "host" {
		return nil, nil, refuse(Incomplete, "the password is no token of the form host:port/?Action=connect&...")
	}
	for name, values := range query {
		if !tokenParameters[name] || len(values) != 1 {
			return nil, nil, refuse(Incomplete, "the token has a parameter %q that is unknown or given twice", name)
		}
	}
	return address, query, nil
}

// tokenTime returns the signing time of a token that still holds.
func tokenTime(query url.Values, s scope, now time.Time) (time.Time, error) {
	at, err := parseTime(query.Get("X-Amz-Date"), s)
	if err != nil {
		return at, err
	}
	seconds, err := strconv.Atoi(query.Get("X-Amz-Expires"))
	life := time.Duration(seconds) * time.Second
	if err != nil || life <= 0 || life > TokenLifetime {
		return at, refuse(Incomplete, "the token's X-Amz-Expires %q is not between 1 and %.0f seconds", query.Get("X-Amz-Expires"), TokenLifetime.Seconds())
	}
	switch age := now.Sub(at); {
	case age < -MaxSkew:
		return at, refuse(Skewed, "the token is signed at %s, which is to come", at.Format(timeFormat))
	case age > life:
		return at, refuse(Expired, "the token was signed at %s and held for %s", at.Format(timeFormat), life)
	}
	return at, nil
}

// presign makes the signature again.
func presign(address *url.URL, query url.Values, s scope, key Key, at time.Time) (string, error) {
	bare := url.Values{"Action": query["Action"], "DBUser": query["DBUser"], "X-Amz-Expires": query["X-Amz-Expires"]}
	again := *address
	again.RawQuery = bare.Encode()
	request, err := http.NewRequest(http.MethodGet, again.String(), nil)
	if err != nil {
		return "", refuse(Incomplete, "the token cannot be signed: %v", err)
	}
	creds := credentials(s, key, query.Get("X-Amz-Security-Token"))
	signed, _, err := signer(rdsService).PresignHTTP(context.Background(), creds, request, emptyHash, rdsService, s.region, at)
	if err != nil {
		return "", refuse(Incomplete, "the token cannot be signed: %v", err)
	}
	made, err := url.Parse(signed)
	if err != nil {
		return "", refuse(Incomplete, "the token cannot be signed: %v", err)
	}
	return made.Query().Get("X-Amz-Signature"), nil
}
