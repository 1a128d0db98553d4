package blobs_test

import (
	"encoding/xml"
	"errors"
	"fmt"
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

	"orchard/localcloud/internal/blobs"
	"orchard/localcloud/internal/entra"
)

const (
	content = "the release"
	host    = "orchard1.blob.core.windows.net"
	path    = "/releases/a%20b/orchard"
)

type service struct {
	*httptest.Server
	issuer *entra.Issuer
}

// serve has one account with one blob, which "reader" may read.
func serve(t *testing.T) service {
	t.Helper()
	file := filepath.Join(t.TempDir(), "blob")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	issuer, err := entra.NewIssuer(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewTLSServer(blobs.Handler(blobs.Config{
		Issuer: issuer, Tenant: "tenant", Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Authorize: func(_ *http.Request, who entra.Claims, action string, blob blobs.Address) error {
			switch {
			case action == blobs.WriteAction && who.ObjectID == "writer" && blob.Account == "orchard1":
				return nil
			case blob.Account != "orchard1":
				return blobs.ErrNoAccount
			case who.ObjectID == "outsider":
				return fmt.Errorf("%w: no rule", blobs.ErrNetwork)
			case who.ObjectID != "reader" || action != blobs.ReadAction:
				return errors.New(who.ObjectID + " may not read")
			}
			return nil
		},
		Find: func(blob blobs.Address) (blobs.Blob, error) {
			switch {
			case blob.Container != "releases":
				return blobs.Blob{}, blobs.ErrNoContainer
			case blob.Name == "lost":
				return blobs.Blob{File: file + ".lost"}, nil
			case blob.Name != "a b/orchard":
				return blobs.Blob{}, fs.ErrNotExist
			}
			return blobs.Blob{File: file, ContentType: "application/octet-stream", ETag: `"0x8D"`}, nil
		},
		Put: func(blob blobs.Address, body io.Reader) error {
			switch text, err := io.ReadAll(body); {
			case blob.Container != "results":
				return blobs.ErrNoContainer
			case err != nil || string(text) != content:
				return fmt.Errorf("%w: got %q, %v", blobs.ErrRefused, text, err)
			}
			return nil
		},
	}))
	t.Cleanup(s.Close)
	return service{s, issuer}
}

// ask sends a request with a token of who, for the storage service.
func (s service) ask(t *testing.T, method, path, who string, change func(*http.Request)) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	r.Header.Set("X-Ms-Version", "2020-10-02")
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+s.token(t, who, blobs.Resource+"/", time.Now()))
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

func (s service) token(t *testing.T, who, resource string, now time.Time) string {
	t.Helper()
	token, _, err := s.issuer.Issue(entra.Identity{PrincipalID: who, TenantID: "tenant"}, resource, now)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func TestBlobs(t *testing.T) {
	t.Parallel()
	s := serve(t)
	bearer := func(resource string, now time.Time) func(*http.Request) {
		return header("Authorization", "Bearer "+s.token(t, "reader", resource, now))
	}
	for name, c := range map[string]struct {
		method, path, who string
		change            func(*http.Request)
		status            int
		code              string
	}{
		"read":              {http.MethodGet, path, "reader", nil, 200, ""},
		"properties":        {http.MethodHead, path, "reader", nil, 200, ""},
		"timeout":           {http.MethodGet, path + "?timeout=30", "reader", nil, 200, ""},
		"account's token":   {http.MethodGet, path, "", bearer("https://"+host, time.Now()), 200, ""},
		"no token":          {http.MethodGet, path, "", nil, 409, "PublicAccessNotPermitted"},
		"shared key":        {http.MethodGet, path, "", header("Authorization", "SharedKey a:b"), 403, "AuthenticationFailed"},
		"old interface":     {http.MethodGet, path, "reader", header("X-Ms-Version", "2015-02-21"), 403, "AuthenticationFailed"},
		"no version":        {http.MethodGet, path, "reader", func(r *http.Request) { r.Header.Del("X-Ms-Version") }, 403, "AuthenticationFailed"},
		"forged":            {http.MethodGet, path, "", header("Authorization", "Bearer a.b.c"), 401, "InvalidAuthenticationInfo"},
		"ended":             {http.MethodGet, path, "", bearer(blobs.Resource, time.Now().Add(-48*time.Hour)), 401, "InvalidAuthenticationInfo"},
		"token for another": {http.MethodGet, path, "", bearer("https://ossrdbms-aad.database.windows.net", time.Now()), 401, "InvalidAuthenticationInfo"},
		"may not":           {http.MethodGet, path, "nobody", nil, 403, "AuthorizationPermissionMismatch"},
		"may not, head":     {http.MethodHead, path, "nobody", nil, 403, "AuthorizationPermissionMismatch"},
		"may not, absent":   {http.MethodGet, "/releases/x", "nobody", nil, 403, "AuthorizationPermissionMismatch"},
		"network rule":      {http.MethodGet, path, "outsider", nil, 403, "AuthorizationFailure"},
		"absent":            {http.MethodGet, "/releases/x", "reader", nil, 404, "BlobNotFound"},
		"no container":      {http.MethodGet, "/other/x", "reader", nil, 404, "ContainerNotFound"},
		"no account":        {http.MethodGet, path, "reader", func(r *http.Request) { r.Host = "x." + blobs.Domain }, 404, "ResourceNotFound"},
		"not an account":    {http.MethodGet, path, "reader", func(r *http.Request) { r.Host = "127.0.0.1" }, 400, "InvalidUri"},
		"content lost":      {http.MethodGet, "/releases/lost", "reader", nil, 500, "InternalError"},
		"delete":            {http.MethodDelete, path, "reader", nil, 405, "UnsupportedHttpVerb"},
		"list":              {http.MethodGet, "/releases?comp=list", "reader", nil, 400, "UnsupportedQueryParameter"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response, body := s.ask(t, c.method, c.path, c.who, c.change)
			if got := response.Header.Get("X-Ms-Error-Code"); response.StatusCode != c.status || got != c.code {
				t.Fatalf("%s %s as %q: got %d %s, want %d %s", c.method, c.path, c.who, response.StatusCode, got, c.status, c.code)
			}
			if c.status == 200 {
				wantContent(t, c.method, response, body)
				return
			}
			var problem struct{ Code, Message string }
			if c.method != http.MethodHead {
				if err := xml.Unmarshal([]byte(body), &problem); err != nil || problem.Code != c.code || !strings.Contains(problem.Message, "RequestId:") {
					t.Errorf("body: got %s, %v; want %s in XML", body, err, c.code)
				}
			}
			if challenged := response.Header.Get("WWW-Authenticate") != ""; challenged != (c.status == 401) {
				t.Errorf("challenge: got %t with status %d", challenged, c.status)
			}
		})
	}
}

func wantContent(t *testing.T, method string, response *http.Response, body string) {
	t.Helper()
	if method == http.MethodGet && body != content {
		t.Errorf("content: got %q, want %q", body, content)
	}
	if response.ContentLength != int64(len(content)) || response.Header.Get("ETag") != `"0x8D"` || response.Header.Get("X-Ms-Blob-Type") != "BlockBlob" {
		t.Errorf("headers: got %v", response.Header)
	}
}

func TestBlobRange(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, name := range []string{"Range", "X-Ms-Range"} {
		response, body := s.ask(t, http.MethodGet, path, "reader", header(name, "bytes=4-6"))
		if response.StatusCode != http.StatusPartialContent || body != "rel" {
			t.Errorf("%s: got %d %q, want 206 %q", name, response.StatusCode, body, "rel")
		}
	}
}
