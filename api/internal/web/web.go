// Package web is the HTTP face of the service: routes, limits, problem
// documents, conditional requests, and the checks that balancers ask for.
//
// routes.go shows the whole API. Handlers return an error, which problem.go
// alone turns into a status. Nothing that a client can send is answered with a
// 5xx; those are for a database that is away and for a service that has too
// much to do, and say when to try again.
package web

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"time"

	"orchard/api/internal/gather"
	"orchard/api/internal/metrics"
	"orchard/api/internal/store"
)

// requestTimeout bounds what a request may wait for the database, a failover
// included. It is below the 60 s after which balancers give up.
const requestTimeout = 20 * time.Second

// Config is what the service's handler is made of.
type Config struct {
	Store            *store.Store
	Metrics          *metrics.Metrics
	Log              *slog.Logger
	Instance         string
	Zone             string
	Draining         func() bool
	WriteTokenSHA256 []byte // nil: writes are open
}

type api struct {
	store    *store.Store
	metrics  *metrics.Metrics
	log      *slog.Logger
	instance []string
	zone     []string
	draining func() bool
	token    []byte
	allow    map[string]string // by route pattern
	slots    chan struct{}
	lists    gather.Shared[string, []byte]
}

// New returns the handler of the whole service.
func New(c Config) http.Handler {
	a := &api{
		store: c.Store, metrics: c.Metrics, log: c.Log, draining: c.Draining, token: c.WriteTokenSHA256,
		instance: []string{c.Instance}, zone: []string{c.Zone},
		allow: map[string]string{},
		slots: make(chan struct{}, maxInFlight),
	}
	if a.token != nil && len(a.token) != sha256.Size {
		panic("web: the write token's digest is not a SHA-256")
	}
	return a.outermost(a.router())
}

// deadline bounds the work for a request. A client that hangs up does not end
// it: to cancel a statement costs its connection, and a write would be left
// half known.
func (a *api) deadline(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(r.Context()), requestTimeout)
}
