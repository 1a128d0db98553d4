package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

const (
	maxInFlight = 512     // API requests at a time; the next is answered 503 at once
	maxBody     = 1 << 16 // bytes
)

// outermost wraps every request: the headers that each answer carries, its
// metrics and its log line.
func (a *api) outermost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		rec := &recorder{ResponseWriter: w, route: "none"}
		h := w.Header()
		h["X-Orchard-Instance"], h["X-Orchard-Zone"] = a.instance, a.zone
		h["X-Request-Id"] = []string{requestID(r)}
		if a.draining() {
			h["Connection"] = []string{"close"} // clients move on before the listener closes
		}
		a.metrics.InFlight.Inc()
		defer a.finish(rec, r, started)
		next.ServeHTTP(rec, r)
	})
}

// finish counts and logs a request that has been answered. A panic is answered
// with a 500 where no answer has begun; otherwise the connection is cut.
func (a *api) finish(rec *recorder, r *http.Request, started time.Time) {
	a.metrics.InFlight.Dec()
	if p := recover(); p != nil {
		a.log.Error("handler panicked", "panic", p, "stack", string(debug.Stack()))
		if rec.status != 0 {
			panic(http.ErrAbortHandler)
		}
		a.fail(rec, r, errFault)
	}
	took := time.Since(started)
	a.metrics.Request(rec.route, r.Method, rec.status, took)
	level := slog.LevelDebug
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		level = slog.LevelInfo
	}
	if a.log.Enabled(r.Context(), level) {
		a.log.LogAttrs(r.Context(), level, "request", slog.String("method", r.Method), slog.String("path", r.URL.Path),
			slog.Int("status", rec.status), slog.Duration("took", took), slog.String("request", rec.Header().Get("X-Request-Id")))
	}
}

// requestID keeps the id that a client or a balancer gave, where it is one.
func requestID(r *http.Request) string {
	if id := r.Header.Get("X-Request-Id"); id != "" && len(id) <= 128 && !strings.ContainsFunc(id, unprintable) {
		return id
	}
	var b [12]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func unprintable(r rune) bool { return r <= ' ' || r > '~' }

// guarded stands before every request for the API: it sheds load, bounds the
// body and asks for the write token.
func (a *api) guarded(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		select {
		case a.slots <- struct{}{}:
			defer func() { <-a.slots }()
		default:
			a.metrics.Shed.Inc()
			return errBusy
		}
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			return h(w, r)
		}
		if err := a.authorize(r); err != nil {
			return err
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		return h(w, r)
	}
}

var errUnauthorized = &problem{
	Status: 401, Kind: "write-token-needed", Title: "Writes need the header Authorization: Bearer with the write token",
	Header: [2]string{"WWW-Authenticate", `Bearer realm="orchard"`},
}

func (a *api) authorize(r *http.Request) error {
	if a.token == nil {
		return nil
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	sum := sha256.Sum256([]byte(token))
	if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(sum[:], a.token) != 1 {
		return errUnauthorized
	}
	return nil
}
