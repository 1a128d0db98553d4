package web

import (
	"crypto/sha256"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"orchard/api/internal/fruit"
)

func (a *api) create(w http.ResponseWriter, r *http.Request) error {
	change, err := readChange(r)
	if err != nil {
		return err
	}
	f, problems := change.Entry()
	if problems != nil {
		return invalidBody(problems)
	}
	key, err := idempotencyKey(r)
	if err != nil {
		return err
	}
	ctx, cancel := a.deadline(r)
	defer cancel()
	var replayed bool
	if key != nil {
		f.ID, replayed, err = a.store.CreateOnce(ctx, f, key)
	} else {
		f.ID, err = a.store.Create(ctx, f)
	}
	if err != nil {
		return err
	}
	if replayed {
		w.Header().Set("Idempotency-Replayed", "true")
	}
	created(w, f.ID)
	return nil
}

func created(w http.ResponseWriter, id int32) {
	w.Header().Set("Location", fruit.Path(id))
	done(w, http.StatusCreated)
}

// done answers with an empty body, of the type that clients have always seen.
func done(w http.ResponseWriter, status int) {
	if status != http.StatusNoContent {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", "0")
	}
	w.WriteHeader(status)
}

func (a *api) put(w http.ResponseWriter, r *http.Request) error {
	id, ok := fruit.ParseID(chi.URLParam(r, "id"))
	if !ok {
		return errNotFound
	}
	change, err := readChange(r)
	if err != nil {
		return err
	}
	ctx, cancel := a.deadline(r)
	defer cancel()
	isNew, err := a.store.Put(ctx, id, change, precondition(r))
	switch {
	case err != nil:
		return err
	case isNew:
		created(w, id)
	default:
		done(w, http.StatusNoContent)
	}
	return nil
}

func (a *api) patch(w http.ResponseWriter, r *http.Request) error {
	id, ok := fruit.ParseID(chi.URLParam(r, "id"))
	if !ok {
		return errNotFound
	}
	change, err := readChange(r)
	if err != nil {
		return err
	}
	ctx, cancel := a.deadline(r)
	defer cancel()
	if err := a.store.Patch(ctx, id, change, precondition(r)); err != nil {
		return err
	}
	done(w, http.StatusAccepted)
	return nil
}

func (a *api) remove(w http.ResponseWriter, r *http.Request) error {
	id, ok := fruit.ParseID(chi.URLParam(r, "id"))
	if !ok {
		return errNotFound
	}
	ctx, cancel := a.deadline(r)
	defer cancel()
	if err := a.store.Delete(ctx, id, precondition(r)); err != nil {
		return err
	}
	done(w, http.StatusNoContent)
	return nil
}

var errMediaType = &problem{
	Status: 415, Kind: "unsupported-media-type", Title: "A body is application/json in UTF-8, without a content encoding",
	Header: [2]string{"Accept", jsonType},
}

// readChange reads the body of a write whole.
func readChange(r *http.Request) (fruit.Change, error) {
	if !isJSON(r.Header) {
		return fruit.Change{}, errMediaType
	}
	if r.ContentLength > maxBody {
		return fruit.Change{}, errTooLarge
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return fruit.Change{}, bodyProblem(err)
	}
	change, problems := fruit.ParseChange(body)
	if problems != nil {
		return fruit.Change{}, invalidBody(problems)
	}
	return change, nil
}

// isJSON tells whether a body is JSON by its headers; a body without a type is.
func isJSON(h http.Header) bool {
	if e := h.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return false
	}
	given := h.Get("Content-Type")
	if given == "" || given == jsonType {
		return true
	}
	media, params, err := mime.ParseMediaType(given)
	charset := params["charset"]
	return err == nil && media == jsonType && (charset == "" || strings.EqualFold(charset, "utf-8"))
}

// idempotencyKey returns the digest of the request's key, nil without one.
func idempotencyKey(r *http.Request) ([]byte, error) {
	values := r.Header.Values("Idempotency-Key")
	if len(values) == 0 {
		return nil, nil
	}
	if len(values) > 1 || values[0] == "" || len(values[0]) > 255 {
		return nil, errKeyInvalid
	}
	sum := sha256.Sum256([]byte(values[0]))
	return sum[:], nil
}
