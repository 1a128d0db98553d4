package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"orchard/api/internal/fruit"
)

const jsonType = "application/json"

var rootBody = []byte(`{"fruit": {"list_endpoint": "` + fruit.Collection + `", "schema": "` + fruit.Schema + `"}}`)

func (a *api) root(w http.ResponseWriter, r *http.Request) error {
	send(w, http.StatusOK, jsonType, rootBody)
	return nil
}

func (a *api) schema(w http.ResponseWriter, r *http.Request) error {
	send(w, http.StatusOK, jsonType, schemaBody)
	return nil
}

func (a *api) list(w http.ResponseWriter, r *http.Request) error {
	q, problems := fruit.ParseQuery(r.URL.RawQuery)
	if problems != nil {
		return invalidQuery(problems)
	}
	ctx, cancel := a.deadline(r)
	defer cancel()
	body, err := a.lists.Do(ctx, r.URL.RawQuery, func() ([]byte, error) { return a.page(&q) })
	if err != nil {
		return err
	}
	send(w, http.StatusOK, jsonType, body)
	return nil
}

// page reads and writes one page, for all who ask for it now.
func (a *api) page(q *fruit.Query) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	entries, total, err := a.store.List(ctx, q)
	if err != nil {
		return nil, err
	}
	return q.AppendPage(make([]byte, 0, 256+128*len(entries)), total, entries), nil
}

func (a *api) detail(w http.ResponseWriter, r *http.Request) error {
	id, ok := fruit.ParseID(chi.URLParam(r, "id"))
	if !ok {
		return errNotFound
	}
	ctx, cancel := a.deadline(r)
	defer cancel()
	f, err := a.store.Get(ctx, id)
	if err != nil {
		return err
	}
	body := f.AppendJSON(make([]byte, 0, 256))
	tag := etag(body)
	w.Header()["Etag"] = []string{tag}
	if v := r.Header.Values("If-None-Match"); len(v) > 0 && matches(v, tag, weak) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	send(w, http.StatusOK, jsonType, body)
	return nil
}

// set answers the entries of a list of ids, in the order of the list, and the
// parts of the list that are no entry.
func (a *api) set(w http.ResponseWriter, r *http.Request) error {
	text, err := url.PathUnescape(chi.URLParam(r, "ids"))
	if err != nil {
		return errNoSuchPath
	}
	parts := strings.Split(text, ";")
	if len(parts) > fruit.MaxLimit {
		return invalidQuery([]fruit.Problem{{Field: "ids", Reason: fruit.TooLong, Detail: "a set has at most 1000 ids"}})
	}
	var ids []int32
	for _, p := range parts {
		if id, ok := fruit.ParseID(p); ok {
			ids = append(ids, id)
		}
	}
	ctx, cancel := a.deadline(r)
	defer cancel()
	found, err := a.store.Set(ctx, ids)
	if err != nil {
		return err
	}
	send(w, http.StatusOK, jsonType, appendSet(nil, parts, found))
	return nil
}

func appendSet(b []byte, parts []string, found map[int32]fruit.Fruit) []byte {
	entries := []fruit.Fruit{}
	var missing []string
	for _, p := range parts {
		id, ok := fruit.ParseID(p)
		f, there := found[id]
		if !ok || !there {
			missing = append(missing, p)
			continue
		}
		entries = append(entries, f)
	}
	b = append(b, '{')
	if missing != nil {
		b = append(b, `"not_found": [`...)
		for i, m := range missing {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = fruit.AppendString(b, m)
		}
		b = append(b, `], `...)
	}
	b = append(b, `"objects": `...)
	return append(fruit.AppendList(b, entries), '}')
}
