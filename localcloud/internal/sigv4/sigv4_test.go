package sigv4_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/rds/auth"

	"orchard/localcloud/internal/sigv4"
)

const (
	key    = "ASIAAAAAAAAAAAAAAAAA"
	secret = "secret"
	token  = "session/token+with=signs"
)

var (
	signedAt = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	someone  = sigv4.Principal{Identity: "role", Instance: "i-1"}
)

func lookup(accessKey, session string, _ time.Time) (sigv4.Key, error) {
	if accessKey != key || session != token {
		return sigv4.Key{}, &sigv4.Error{Code: sigv4.UnknownKey, Reason: "no such key"}
	}
	return sigv4.Key{Secret: secret, Principal: someone}, nil
}

// signed makes a request as the SDK's signer signs it, seen from the server.
func signed(t *testing.T, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://127.9.0.2:8443/bucket/a%20key%2Bplus?x-id=GetObject", strings.NewReader(body))
	sum := sha256.Sum256([]byte(body))
	hash := hex.EncodeToString(sum[:])
	r.Header.Set("X-Amz-Content-Sha256", hash)
	r.Header.Set("Accept-Encoding", "identity")
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	creds := aws.Credentials{AccessKeyID: key, SecretAccessKey: secret, SessionToken: token}
	if err := signer.SignHTTP(context.Background(), creds, r, hash, "s3", "eu-central-1", signedAt); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVerifyRequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*http.Request)
		body   string
		now    time.Time
		want   sigv4.Code // "" for accepted
	}{
		"as signed":            {},
		"unsigned header more": {change: func(r *http.Request) { r.Header.Set("Via", "1.1 proxy") }},
		"late by 5 min":        {now: signedAt.Add(5 * time.Minute)},
		"late by more":         {now: signedAt.Add(5*time.Minute + time.Second), want: sigv4.Skewed},
		"early by more":        {now: signedAt.Add(-5*time.Minute - time.Second), want: sigv4.Skewed},
		"other path":           {change: func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/bucket/other", "" }, want: sigv4.NoMatch},
		"other query":          {change: func(r *http.Request) { r.URL.RawQuery = "acl" }, want: sigv4.NoMatch},
		"other method":         {change: func(r *http.Request) { r.Method = http.MethodDelete }, want: sigv4.NoMatch},
		"other host":           {change: func(r *http.Request) { r.Host = "elsewhere" }, want: sigv4.NoMatch},
		"other signed header":  {change: func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip") }, want: sigv4.NoMatch},
		"unsigned x-amz":       {change: func(r *http.Request) { r.Header.Set("X-Amz-Acl", "public-read") }, want: sigv4.NoMatch},
		"other body":           {body: "another", want: sigv4.BodyMismatch},
		"other token":          {change: func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "x") }, want: sigv4.UnknownKey},
		"not signed":           {change: func(r *http.Request) { r.Header.Del("Authorization") }, want: sigv4.Missing},
		"malformed":            {change: func(r *http.Request) { r.Header.Set("Authorization", "Basic eA==") }, want: sigv4.Incomplete},
		"cut signature": {change: func(r *http.Request) {
			h := r.Header.Get("Authorization")
			r.Header.Set("Authorization", h[:len(h)-1])
		}, want: sigv4.NoMatch},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := signed(t, "body")
			if c.change != nil {
				c.change(r)
			}
			body, now := "body", signedAt
			if c.body != "" {
				body = c.body
			}
			if !c.now.IsZero() {
				now = c.now
			}
			who, err := sigv4.VerifyRequest(r, []byte(body), "s3", "eu-central-1", lookup, now)
			checkVerdict(t, who, err, c.want)
		})
	}
}

func TestVerifyRequestOfAnotherServiceOrRegion(t *testing.T) {
	t.Parallel()
	for _, scope := range [][2]string{{"secretsmanager", "eu-central-1"}, {"s3", "eu-west-1"}} {
		who, err := sigv4.VerifyRequest(signed(t, "body"), []byte("body"), scope[0], scope[1], lookup, signedAt)
		checkVerdict(t, who, err, sigv4.NoMatch)
	}
}

func checkVerdict(t *testing.T, who sigv4.Principal, err error, want sigv4.Code) {
	t.Helper()
	switch {
	case want == "" && (err != nil || who != someone):
		t.Errorf("got %+v, %v; want %+v accepted", who, err, someone)
	case want != "" && (err == nil || sigv4.CodeOf(err) != want):
		t.Errorf("got %+v, %v; want a refusal with %s", who, err, want)
	}
}

// rdsToken makes a token with the SDK, which signs for its own clock.
func rdsToken(t *testing.T, hostport, user string) (string, time.Time) {
	t.Helper()
	provider := credentials.NewStaticCredentialsProvider(key, secret, token)
	made, err := auth.BuildAuthToken(context.Background(), hostport, "eu-central-1", user, provider)
	if err != nil {
		t.Fatal(err)
	}
	return made, time.Now()
}

func TestVerifyRDSToken(t *testing.T) {
	t.Parallel()
	const host = "db.cluster.eu-central-1.rds.amazonaws.com:5432"
	good, made := rdsToken(t, host, "orchard app/1")
	for name, c := range map[string]struct {
		token, host, user string
		now               time.Time
		want              sigv4.Code
	}{
		"as made":        {},
		"14 min old":     {now: made.Add(14 * time.Minute)},
		"16 min old":     {now: made.Add(16 * time.Minute), want: sigv4.Expired},
		"from to come":   {now: made.Add(-6 * time.Minute), want: sigv4.Skewed},
		"other host":     {host: "127.1.0.40:5432", want: sigv4.NoMatch},
		"other port":     {host: strings.Replace(host, "5432", "5433", 1), want: sigv4.NoMatch},
		"other user":     {user: "postgres", want: sigv4.NoMatch},
		"other user in":  {token: strings.Replace(good, "orchard+app", "postgres", 1), user: "postgres/1", want: sigv4.NoMatch},
		"longer life":    {token: strings.Replace(good, "X-Amz-Expires=900", "X-Amz-Expires=899", 1), want: sigv4.NoMatch},
		"too long life":  {token: strings.Replace(good, "X-Amz-Expires=900", "X-Amz-Expires=9000", 1), want: sigv4.Incomplete},
		"other region":   {token: strings.Replace(good, "%2Feu-central-1%2F", "%2Feu-west-1%2F", 1), want: sigv4.NoMatch},
		"other service":  {token: strings.Replace(good, "rds-db", "s3", 1), want: sigv4.NoMatch},
		"unknown key":    {token: strings.Replace(good, key, "ASIABBBBBBBBBBBBBBBB", 1), want: sigv4.UnknownKey},
		"a password":     {token: "hunter2", want: sigv4.Incomplete},
		"more than said": {token: good + "&extra=1", want: sigv4.Incomplete},
		"twice":          {token: good + "&DBUser=postgres", want: sigv4.Incomplete},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.token == "" {
				c.token = good
			}
			if c.host == "" {
				c.host = host
			}
			if c.user == "" {
				c.user = "orchard app/1"
			}
			if c.now.IsZero() {
				c.now = made
			}
			who, err := sigv4.VerifyRDSToken(c.token, c.host, c.user, lookup, c.now)
			checkVerdict(t, who, err, c.want)
			if err != nil && strings.Contains(err.Error(), "X-Amz-Signature=") {
				t.Errorf("the error tells the token: %v", err)
			}
		})
	}
}
