package objects_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"orchard/localcloud/internal/objects"
	"orchard/localcloud/internal/sigv4"
)

// TestPut: whoever may put may put below its prefix alone, and what is kept is
// what was signed.
func TestPut(t *testing.T) {
	t.Parallel()
	kept := map[string]string{}
	s := httptest.NewTLSServer(objects.Handler(objects.Config{
		Region: "eu-central-1", Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Lookup: func(key, _ string, _ time.Time) (sigv4.Key, error) {
			return sigv4.Key{Secret: "secret", Principal: sigv4.Principal{Identity: key}}, nil
		},
		Authorize: func(p sigv4.Principal, action, resource string, secure bool) error {
			if secure && p.Identity == "node" && action == "s3:PutObject" && strings.HasPrefix(resource, "arn:aws:s3:::store/results/") {
				return nil
			}
			return errors.New(p.Identity + " may not " + action + " on " + resource)
		},
		Put: func(bucket, key string, content []byte) error {
			if strings.HasSuffix(key, "/release") {
				return fmt.Errorf("%w: the program declares it", objects.ErrRefused)
			}
			kept[bucket+"/"+key] = string(content)
			return nil
		},
	}))
	t.Cleanup(s.Close)
	for _, c := range []struct {
		name, key, who, sent string
		header               string
		status               int
		code                 string
	}{
		{"kept", "results/a", "node", "text", "", 200, ""},
		{"another prefix", "releases/a", "node", "text", "", 403, "AccessDenied"},
		{"another role", "results/b", "app", "text", "", 403, "AccessDenied"},
		{"another body", "results/c", "node", "other", "", 400, "XAmzContentSHA256Mismatch"},
		{"a declared object", "results/release", "node", "text", "", 400, "InvalidRequest"},
		{"a condition", "results/d", "node", "text", "If-None-Match", 501, "NotImplemented"},
		{"too large", "results/e", "node", strings.Repeat("x", objects.MaxPut+1), "", 400, "EntityTooLarge"},
	} {
		status, body := putObject(t, s, "/store/"+c.key, c.who, "text", c.sent, c.header)
		if status != c.status || !strings.Contains(body, c.code) {
			t.Errorf("%s: got %d %s, want %d %s", c.name, status, body, c.status, c.code)
		}
	}
	if len(kept) != 1 || kept["store/results/a"] != "text" {
		t.Errorf("kept: got %v, want the first alone", kept)
	}
}

// putObject signs one body and sends another.
func putObject(t *testing.T, s *httptest.Server, path, who, signed, sent, header string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPut, s.URL+path, strings.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	if header != "" {
		r.Header.Set(header, "*")
	}
	sum := sha256.Sum256([]byte(signed))
	hash := hex.EncodeToString(sum[:])
	r.Header.Set("X-Amz-Content-Sha256", hash)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	creds := aws.Credentials{AccessKeyID: who, SecretAccessKey: "secret", SessionToken: "token"}
	if err := signer.SignHTTP(context.Background(), creds, r, hash, "s3", "eu-central-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	response, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}
