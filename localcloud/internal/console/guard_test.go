package console

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
)

func TestForeignRequestsAreRefused(t *testing.T) {
	t.Parallel()
	address := open(t, &drawn{})
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	const fault = `{"stack":"dev","kind":"zone-down","target":"a","seconds":5}`
	for name, c := range map[string]struct {
		method  string
		headers map[string]string
		want    int
	}{
		"the page":                         {http.MethodGet, nil, http.StatusOK},
		"the page by localhost":            {http.MethodGet, map[string]string{"Host": "localhost:" + port}, http.StatusOK},
		"a name bound to 127.0.0.1":        {http.MethodGet, map[string]string{"Host": "evil.example:" + port}, http.StatusForbidden},
		"the host without its port":        {http.MethodGet, map[string]string{"Host": "127.0.0.1"}, http.StatusForbidden},
		"another port of the host":         {http.MethodGet, map[string]string{"Host": "127.0.0.1:1"}, http.StatusForbidden},
		"a read by another origin":         {http.MethodGet, map[string]string{"Origin": "http://evil.example"}, http.StatusForbidden},
		"a read by no origin":              {http.MethodGet, map[string]string{"Origin": "null"}, http.StatusForbidden},
		"a change by the page":             {http.MethodPost, nil, http.StatusCreated},
		"a change by another origin":       {http.MethodPost, map[string]string{"Origin": "http://evil.example"}, http.StatusForbidden},
		"a change by another port":         {http.MethodPost, map[string]string{"Origin": "http://127.0.0.1:1"}, http.StatusForbidden},
		"a change by no origin":            {http.MethodPost, map[string]string{"Origin": "null"}, http.StatusForbidden},
		"a change that hides its origin":   {http.MethodPost, map[string]string{"Origin": ""}, http.StatusForbidden},
		"a change by a form":               {http.MethodPost, map[string]string{"Content-Type": "text/plain"}, http.StatusForbidden},
		"a change of no type":              {http.MethodPost, map[string]string{"Content-Type": ""}, http.StatusForbidden},
		"a change without its own header":  {http.MethodPost, map[string]string{ownHeader: ""}, http.StatusForbidden},
		"a change to a name of 127.0.0.1":  {http.MethodPost, map[string]string{"Host": "evil.example:" + port, "Origin": "http://evil.example:" + port}, http.StatusForbidden},
		"the end of a fault by another":    {http.MethodDelete, map[string]string{"Origin": "http://evil.example"}, http.StatusForbidden},
		"what is asked before a change":    {http.MethodOptions, map[string]string{"Origin": "http://evil.example"}, http.StatusForbidden},
		"another verb, hidden as a change": {http.MethodPut, map[string]string{ownHeader: ""}, http.StatusForbidden},
	} {
		path, body := "/", ""
		switch c.method {
		case http.MethodPost, http.MethodPut, http.MethodOptions:
			path, body = "/api/faults", fault
		case http.MethodDelete:
			path = "/api/faults/dev/fault-1"
		}
		resp := ask(t, address, c.method, path, body, c.headers)
		if resp.StatusCode != c.want {
			t.Errorf("%s: got status %d, want %d", name, resp.StatusCode, c.want)
		}
		if got := resp.Header.Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("%s: is allowed to %q, want nobody", name, got)
		}
	}
}

func TestEveryAnswerIsProtected(t *testing.T) {
	t.Parallel()
	address := open(t, &drawn{})
	for _, path := range []string{"/", "/js/main.js", "/api/status", "/nowhere"} {
		header := ask(t, address, http.MethodGet, path, "", nil).Header
		for name, want := range map[string]string{
			"Content-Security-Policy":      "default-src 'self'",
			"X-Frame-Options":              "DENY",
			"X-Content-Type-Options":       "nosniff",
			"Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := header.Get(name); !strings.Contains(got, want) {
				t.Errorf("GET %s: header %s: got %q, want %q in it", path, name, got, want)
			}
		}
		if got := header.Get("Content-Security-Policy"); !strings.Contains(got, "frame-ancestors 'none'") || strings.Contains(got, "unsafe") {
			t.Errorf("GET %s: policy: got %q, want no frames and nothing unsafe", path, got)
		}
	}
}

func TestServesOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	err = Serve(t.Context(), l, &drawn{}, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("Serve on %s: got %v, want a refusal", l.Addr(), err)
	}
}

// The page must be whole by itself: what it names is there, and nothing of it is
// elsewhere.
func TestPageIsWhole(t *testing.T) {
	t.Parallel()
	address := open(t, &drawn{})
	for path, kind := range map[string]string{
		"/": "text/html", "/css/page.css": "text/css", "/js/main.js": "text/javascript",
		"/vendor/uPlot.esm.js": "text/javascript", "/vendor/uPlot.LICENSE": "text/plain", "/icon.svg": "image/svg+xml",
	} {
		resp := ask(t, address, http.MethodGet, path, "", nil)
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK || len(body) == 0 {
			t.Errorf("GET %s: got %d, %d bytes (%v)", path, resp.StatusCode, len(body), err)
		}
		if got := resp.Header.Get("Content-Type"); !strings.HasPrefix(got, kind) {
			t.Errorf("GET %s: got type %q, want %q", path, got, kind)
		}
		if !strings.HasPrefix(path, "/vendor/") && path != "/icon.svg" && strings.Contains(string(body), "://") {
			t.Errorf("GET %s names an address of another host", path)
		}
	}
	for _, path := range []string{"/js/", "/vendor/", "/css/"} {
		if resp := ask(t, address, http.MethodGet, path, "", nil); resp.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s: got %d, want 404: folders are not listed", path, resp.StatusCode)
		}
	}
}
