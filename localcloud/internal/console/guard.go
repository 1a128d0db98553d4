package console

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
)

// ownHeader is sent by the page with each change. A form cannot send it, and
// the script of another origin only after asking, which is refused.
const ownHeader = "X-Orchard-Console"

// policy lets the page load what the console itself serves and nothing else,
// and be part of no other page.
const policy = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"

// guard refuses requests that do not come from the page at its own address.
func guard(port int, next http.Handler) http.Handler {
	hosts := []string{fmt.Sprintf("127.0.0.1:%d", port), fmt.Sprintf("localhost:%d", port)}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protect(w.Header())
		if err := foreign(r, hosts); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func protect(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// foreign says why a request is not one of the page's.
func foreign(r *http.Request, hosts []string) error {
	if !slices.Contains(hosts, r.Host) {
		return fmt.Errorf("this is %s and not %q: open the address that `localcloud console` prints", hosts[0], r.Host)
	}
	origin := r.Header.Get("Origin")
	if origin != "" && origin != "http://"+r.Host {
		return fmt.Errorf("the origin %q may not ask the console for anything", origin)
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); { // what cannot be read is not JSON
	case origin == "":
		return errors.New("a change must come from the console's own page: the header Origin is missing")
	case kind != "application/json":
		return errors.New("a change must have the content type application/json")
	case r.Header.Get(ownHeader) == "":
		return fmt.Errorf("a change must come from the console's own page: the header %s is missing", ownHeader)
	}
	return nil
}
