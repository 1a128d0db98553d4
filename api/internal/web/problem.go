package web

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"

	"orchard/api/internal/database"
	"orchard/api/internal/fruit"
	"orchard/api/internal/store"
)

// problem is an RFC 9457 problem document and the status it goes with. Kind
// stays the same for programs; it ends the document's type.
type problem struct {
	Status int
	Kind   string
	Title  string
	Detail string
	Errors []fruit.Problem
	Header [2]string // a header that goes with the status
}

func (p *problem) Error() string { return p.Title }

const (
	reasonTaken = fruit.Reason("taken")
	retryAfter  = "Retry-After"
)

var (
	errNoSuchPath = &problem{Status: 404, Kind: "no-such-path", Title: "There is nothing at this path"}
	errNotFound   = &problem{Status: 404, Kind: "no-such-fruit", Title: "There is no fruit with this id"}
	errNameTaken  = &problem{
		Status: 409, Kind: "name-taken", Title: "Another fruit has this name",
		Errors: []fruit.Problem{{Field: "name", Reason: reasonTaken, Detail: "another fruit has this name"}},
	}
	errNameRequired = invalidBody([]fruit.Problem{{Field: "name", Reason: fruit.Required, Detail: "a fruit needs a name"}})
	errExhausted    = &problem{Status: 409, Kind: "no-id-left", Title: "No id is left for a new fruit"}
	errPrecondition = &problem{Status: 412, Kind: "precondition-failed", Title: "The fruit is not as the request expects it"}
	errTooLarge     = &problem{Status: 413, Kind: "body-too-large", Title: "The body is larger than 65536 bytes"}
	errKeyReused    = &problem{Status: 422, Kind: "idempotency-key-reused", Title: "The Idempotency-Key came with another body before"}
	errKeyInvalid   = &problem{
		Status: 400, Kind: "invalid-idempotency-key", Title: "An Idempotency-Key has 1 to 255 characters and comes once",
		Errors: []fruit.Problem{{Field: "Idempotency-Key", Reason: fruit.OutOfRange, Detail: "1 to 255 characters, once"}},
	}
	errDraining = &problem{
		Status: 503, Kind: "draining", Title: "The instance is about to stop",
		Header: [2]string{retryAfter, "1"},
	}
	errUnreadable = &problem{Status: 400, Kind: "unreadable-body", Title: "The body could not be read to its end"}
	errSlow       = &problem{Status: 408, Kind: "body-too-slow", Title: "The body did not arrive in time"}
	errFault      = &problem{Status: 500, Kind: "fault", Title: "The service failed; the fault has been logged"}
	errBusy       = &problem{
		Status: 503, Kind: "busy", Title: "Too many requests are under way; nothing was done",
		Header: [2]string{retryAfter, "1"},
	}
	errAway = &problem{
		Status: 503, Kind: "database-unavailable", Title: "The database is away; nothing was done that a repetition would double",
		Header: [2]string{retryAfter, "2"},
	}
	errUnknown = &problem{
		Status: 504, Kind: "outcome-unknown", Title: "The write was sent to the database and not answered",
		Detail: "It may have been done. Read before repeating it, or send an Idempotency-Key with a POST, which makes it safe to repeat.",
	}
)

func notAllowed(allow string) *problem {
	return &problem{Status: 405, Kind: "method-not-allowed", Title: "This path does not take this method", Header: [2]string{"Allow", allow}}
}

func invalidBody(problems []fruit.Problem) *problem {
	return &problem{Status: 400, Kind: "invalid-body", Title: "The body is not a valid fruit", Errors: problems}
}

func invalidQuery(problems []fruit.Problem) *problem {
	return &problem{Status: 400, Kind: "invalid-parameters", Title: "The query has parameters that are not valid", Errors: problems}
}

// asProblem finds the answer to an error. It is the one place where errors
// become statuses.
func asProblem(err error) *problem {
	var p *problem
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &tooLarge):
		return errTooLarge
	}
	for _, known := range []struct {
		err    error
		answer *problem
	}{
		{store.ErrNotFound, errNotFound},
		{store.ErrNameTaken, errNameTaken},
		{store.ErrNameRequired, errNameRequired},
		{store.ErrPrecondition, errPrecondition},
		{store.ErrKeyReused, errKeyReused},
		{store.ErrIDsExhausted, errExhausted},
		{database.ErrOutcomeUnknown, errUnknown},
		{database.ErrUnavailable, errAway},
		{context.DeadlineExceeded, errAway},
		{context.Canceled, errAway}, // the client has gone: nobody reads this
	} {
		if errors.Is(err, known.err) {
			return known.answer
		}
	}
	return errFault
}

// bodyProblem finds the answer to a body that could not be read.
func bodyProblem(err error) error {
	var tooLarge *http.MaxBytesError
	var network net.Error
	switch {
	case errors.As(err, &tooLarge):
		return errTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return errSlow
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errUnreadable
	}
	return errUnreadable
}

// fail answers a request with the problem that err stands for.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := asProblem(err)
	if p.Status >= 500 && p != errBusy && r.Context().Err() == nil {
		a.log.Error("request failed", "method", r.Method, "path", r.URL.Path, "status", p.Status,
			"request", w.Header().Get("X-Request-Id"), "error", err)
	}
	h := w.Header()
	if p.Header[0] != "" {
		h.Set(p.Header[0], p.Header[1])
	}
	h.Del("ETag")
	send(w, p.Status, "application/problem+json", p.appendJSON(nil))
}

func (p *problem) appendJSON(b []byte) []byte {
	b = append(b, `{"type": `...)
	b = fruit.AppendString(b, "/docs#"+p.Kind)
	b = fruit.AppendString(append(b, `, "title": `...), p.Title)
	b = strconv.AppendInt(append(b, `, "status": `...), int64(p.Status), 10)
	if p.Detail != "" {
		b = fruit.AppendString(append(b, `, "detail": `...), p.Detail)
	}
	if p.Errors != nil {
		b = append(b, `, "errors": [`...)
		for i, e := range p.Errors {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = fruit.AppendString(append(b, `{"field": `...), e.Field)
			b = fruit.AppendString(append(b, `, "reason": `...), string(e.Reason))
			b = fruit.AppendString(append(b, `, "detail": `...), e.Detail)
			b = append(b, '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// send writes a whole answer.
func send(w http.ResponseWriter, status int, contentType string, body []byte) {
	h := w.Header()
	h["Content-Type"] = []string{contentType}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone needs no answer
}
