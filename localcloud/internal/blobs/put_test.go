package blobs_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"orchard/localcloud/internal/blobs"
)

// TestPut: the permission is for writing, and what is kept is what was sent.
func TestPut(t *testing.T) {
	t.Parallel()
	s := serve(t)
	body := func(text, name, value string) func(*http.Request) {
		return func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
			r.Header.Set("X-Ms-Blob-Type", "BlockBlob")
			if name != "" {
				r.Header.Set(name, value)
			}
		}
	}
	const path = "/results/load/node-1/a.json"
	for name, c := range map[string]struct {
		path, who string
		change    func(*http.Request)
		status    int
		code      string
	}{
		"kept":            {path, "writer", body(content, "", ""), 201, ""},
		"a reader":        {path, "reader", body(content, "", ""), 403, "AuthorizationPermissionMismatch"},
		"no container":    {"/other/a.json", "writer", body(content, "", ""), 404, "ContainerNotFound"},
		"refused":         {path, "writer", body("other", "", ""), 409, "BlobImmutableDueToPolicy"},
		"an append blob":  {path, "writer", body(content, "X-Ms-Blob-Type", "AppendBlob"), 400, "InvalidHeaderValue"},
		"a condition":     {path, "writer", body(content, "If-None-Match", "*"), 400, "UnsupportedHeader"},
		"in blocks":       {path + "?comp=block", "writer", body(content, "", ""), 400, "UnsupportedQueryParameter"},
		"too large":       {path, "writer", body(strings.Repeat("x", blobs.MaxPut+1), "", ""), 413, "RequestBodyTooLarge"},
		"without a token": {path, "", body(content, "", ""), 409, "PublicAccessNotPermitted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response, text := s.ask(t, http.MethodPut, c.path, c.who, c.change)
			if got := response.Header.Get("X-Ms-Error-Code"); response.StatusCode != c.status || got != c.code {
				t.Errorf("PUT %s as %q: got %d %s, want %d %s\n%s", c.path, c.who, response.StatusCode, got, c.status, c.code, text)
			}
		})
	}
}
