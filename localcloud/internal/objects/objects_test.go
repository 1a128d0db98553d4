package objects_test

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"orchard/localcloud/internal/objects"
	"orchard/localcloud/internal/sigv4"
)

const (
	content   = "the release"
	emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

// serve has one bucket with one object, which identity "reader" may read,
// "lister" may list and read, and "nobody" may not.
func serve(t *testing.T) *httptest.Server {
	t.Helper()
	file := filepath.Join(t.TempDir(), "object")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewTLSServer(objects.Handler(objects.Config{
		Region: "eu-central-1", Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Lookup: func(key, _ string, _ time.Time) (sigv4.Key, error) {
			if strings.HasPrefix(key, "unknown") {
				return sigv4.Key{}, &sigv4.Error{Code: sigv4.UnknownKey, Reason: "no such key"}
			}
			return sigv4.Key{Secret: "secret", Principal: sigv4.Principal{Identity: key}}, nil
		},
		Authorize: func(p sigv4.Principal, action, resource string, secure bool) error {
			reads := action == "s3:GetObject" && strings.HasPrefix(resource, "arn:aws:s3:::releases/")
			lists := action == "s3:ListBucket" && resource == "arn:aws:s3:::releases"
			if secure && (p.Identity == "reader" && reads || p.Identity == "lister" && (reads || lists)) {
				return nil
			}
			return errors.New(p.Identity + " may not " + action + " on " + resource)
		},
		Find: func(bucket, key string) (string, error) {
			switch {
			case bucket != "releases":
				return "", objects.ErrNoBucket
			case key != "a b/app+1":
				return "", fs.ErrNotExist
			}
			return file, nil
		},
	}))
	t.Cleanup(s.Close)
	return s
}

// request sends a request signed by the SDK's signer.
func request(t *testing.T, s *httptest.Server, method, path, who string, change func(*http.Request)) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if who != "" {
		r.Header.Set("X-Amz-Content-Sha256", emptyHash)
		signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
		creds := aws.Credentials{AccessKeyID: who, SecretAccessKey: "secret", SessionToken: "token"}
		if err := signer.SignHTTP(context.Background(), creds, r, emptyHash, "s3", "eu-central-1", time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(r)
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
	return response, string(body)
}

func TestObjects(t *testing.T) {
	t.Parallel()
	s := serve(t)
	const path = "/releases/a%20b/app%2B1"
	for name, c := range map[string]struct {
		method, path, who string
		status            int
		code              string
	}{
		"read":             {http.MethodGet, path, "reader", 200, ""},
		"head":             {http.MethodHead, path, "reader", 200, ""},
		"not signed":       {http.MethodGet, path, "", 403, "AccessDenied"},
		"unknown key":      {http.MethodGet, path, "unknown", 403, "InvalidAccessKeyId"},
		"not allowed":      {http.MethodGet, path, "nobody", 403, "AccessDenied"},
		"head not allowed": {http.MethodHead, path, "nobody", 403, ""},
		"absent, listable": {http.MethodGet, "/releases/other", "lister", 404, "NoSuchKey"},
		"absent, not so":   {http.MethodGet, "/releases/other", "reader", 403, "AccessDenied"},
		"no bucket":        {http.MethodGet, "/releasesx/other", "reader", 403, "AccessDenied"},
		"delete":           {http.MethodDelete, path, "reader", 405, "MethodNotAllowed"},
		"list":             {http.MethodGet, "/releases?list-type=2", "reader", 501, "NotImplemented"},
		"acl":              {http.MethodGet, path + "?acl=", "reader", 501, "NotImplemented"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response, body := request(t, s, c.method, c.path, c.who, nil)
			var problem struct{ Code, Message string }
			if c.code != "" {
				if err := xml.Unmarshal([]byte(body), &problem); err != nil {
					t.Errorf("body %q: %v", body, err)
				}
			}
			if response.StatusCode != c.status || problem.Code != c.code {
				t.Errorf("%s %s as %q: got %d %s, want %d %s", c.method, c.path, c.who, response.StatusCode, body, c.status, c.code)
			}
			if c.status == 200 && c.method == http.MethodGet && body != content {
				t.Errorf("content: got %q, want %q", body, content)
			}
			if c.status == 200 && (response.ContentLength != int64(len(content)) || response.Header.Get("ETag") == "") {
				t.Errorf("headers: got length %d, ETag %q", response.ContentLength, response.Header.Get("ETag"))
			}
		})
	}
	t.Run("changed after signing", func(t *testing.T) {
		t.Parallel()
		response, body := request(t, s, http.MethodGet, path, "reader", func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/releases/x", "" })
		if response.StatusCode != 403 || !strings.Contains(body, "SignatureDoesNotMatch") {
			t.Errorf("got %d %s, want SignatureDoesNotMatch", response.StatusCode, body)
		}
	})
	t.Run("range", func(t *testing.T) {
		t.Parallel()
		response, body := request(t, s, http.MethodGet, path, "reader", func(r *http.Request) { r.Header.Set("Range", "bytes=4-6") })
		if response.StatusCode != http.StatusPartialContent || body != "rel" {
			t.Errorf("got %d %q, want 206 %q", response.StatusCode, body, "rel")
		}
	})
}
