package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"orchard/api/internal/fruit"
)

type handler func(w http.ResponseWriter, r *http.Request) error

type methods map[string]handler

// routes is the whole API. HEAD goes wherever GET goes, OPTIONS everywhere,
// and a path without its last slash is redirected to the one with it.
func (a *api) routes() map[string]methods {
	return map[string]methods{
		fruit.Root:       {"GET": a.root},
		fruit.Collection: {"GET": a.list, "POST": a.create},
		fruit.Schema:     {"GET": a.schema},
		setPath:          {"GET": a.set},
		entryPath:        {"GET": a.detail, "PUT": a.put, "PATCH": a.patch, "DELETE": a.remove},
		"/livez":         {"GET": a.livez},
		"/readyz":        {"GET": a.readyz},
		"/version":       {"GET": a.version},
		"/openapi.json":  {"GET": a.openAPI},
		"/docs":          {"GET": a.docs},
	}
}

func (a *api) router() http.Handler {
	mux := chi.NewRouter()
	for pattern, m := range a.routes() {
		if get := m["GET"]; get != nil {
			m["HEAD"] = get
		}
		a.allow[pattern] = allowed(m)
		mux.Handle(pattern, a.dispatch(pattern, m))
		if bare, ok := strings.CutSuffix(pattern, "/"); ok {
			a.allow[bare] = a.allow[pattern]
			mux.HandleFunc(bare, redirect)
		}
	}
	mux.NotFound(func(w http.ResponseWriter, r *http.Request) { a.fail(w, r, errNoSuchPath) })
	mux.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) { a.unknownMethod(w, r, mux) })
	return mux
}

func allowed(m methods) string {
	names := []string{"OPTIONS"}
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func (a *api) dispatch(pattern string, m methods) http.HandlerFunc {
	api := strings.HasPrefix(pattern, fruit.Root)
	return func(w http.ResponseWriter, r *http.Request) {
		h := m[r.Method]
		if rec, ok := w.(*recorder); ok {
			rec.route = pattern
		}
		switch {
		case r.Method == http.MethodOptions:
			w.Header().Set("Allow", a.allow[pattern])
			w.Header().Set("Content-Length", "0")
			w.WriteHeader(http.StatusOK)
			return
		case h == nil:
			a.fail(w, r, notAllowed(a.allow[pattern]))
			return
		case api:
			h = a.guarded(h)
		}
		if err := h(w, r); err != nil {
			a.fail(w, r, err)
		}
	}
}

// unknownMethod answers a method that chi has never heard of.
func (a *api) unknownMethod(w http.ResponseWriter, r *http.Request, mux *chi.Mux) {
	path := r.URL.EscapedPath()
	pattern := mux.Find(chi.NewRouteContext(), http.MethodGet, path)
	if allow, ok := a.allow[pattern]; ok {
		a.fail(w, r, notAllowed(allow))
		return
	}
	a.fail(w, r, errNoSuchPath)
}

// redirect leads to the path with a slash at its end: 301 for reads, as ever,
// and 308 for the rest, which keeps method and body.
func redirect(w http.ResponseWriter, r *http.Request) {
	to := r.URL.EscapedPath() + "/"
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	status := http.StatusPermanentRedirect
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		status = http.StatusMovedPermanently
	}
	w.Header().Set("Location", to)
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(status)
}
