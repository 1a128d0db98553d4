package console

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"orchard/localcloud/internal/world"
)

// api answers the page in JSON, and in a sentence what it refuses.
type api struct {
	source  Source
	log     *slog.Logger
	reports reports
	viewers chan struct{} // a place for each stream
}

// maxBody is more than any change that the page asks for needs, in bytes.
const maxBody = 4 << 10

func (a *api) answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		a.log.Debug("cannot answer the console", "error", err) // its reader has gone
	}
}

func (a *api) status(w http.ResponseWriter, _ *http.Request) {
	a.answer(w, http.StatusOK, a.source.Report())
}

// world finds the world that a request is about, or says that there is none.
func (a *api) world(w http.ResponseWriter, stack string) (World, bool) {
	found, ok := a.source.World(stack)
	if !ok {
		http.Error(w, fmt.Sprintf("stack %q is not up", stack), http.StatusNotFound)
	}
	return found, ok
}

func (a *api) history(w http.ResponseWriter, r *http.Request) {
	if found, ok := a.world(w, r.FormValue("stack")); ok {
		a.answer(w, http.StatusOK, append([]world.Sample{}, found.History(0)...))
	}
}

func (a *api) events(w http.ResponseWriter, r *http.Request) {
	after, err := strconv.Atoi(r.FormValue("after"))
	if err != nil && r.FormValue("after") != "" {
		http.Error(w, fmt.Sprintf("after is %q: want the number of an event", r.FormValue("after")), http.StatusBadRequest)
		return
	}
	if found, ok := a.world(w, r.FormValue("stack")); ok {
		a.answer(w, http.StatusOK, append([]world.Event{}, found.Events(after)...))
	}
}

// kind is a world.FaultKind in the page's words.
type kind struct {
	Name   string `json:"name"`
	Action string `json:"action,omitempty"`
	Target string `json:"target"`
	Lasts  bool   `json:"lasts"`
	About  string `json:"about"`
}

func (a *api) kinds(w http.ResponseWriter, _ *http.Request) {
	out := []kind{}
	for _, k := range world.FaultKinds {
		out = append(out, kind{Name: k.Name, Action: k.Action, Target: k.Target, Lasts: k.Lasts, About: k.About})
	}
	a.answer(w, http.StatusOK, out)
}

// wanted is a fault that the page asks for.
type wanted struct {
	Stack   string  `json:"stack"`
	Kind    string  `json:"kind"`
	Target  string  `json:"target"`
	Seconds float64 `json:"seconds"` // of real time
}

func (a *api) inject(w http.ResponseWriter, r *http.Request) {
	var want wanted
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	body.DisallowUnknownFields()
	if err := body.Decode(&want); err != nil {
		http.Error(w, "the fault cannot be read: "+err.Error(), http.StatusBadRequest)
		return
	}
	found, ok := a.world(w, want.Stack)
	if !ok {
		return
	}
	fault, err := found.Inject(want.Kind, want.Target, time.Duration(want.Seconds*float64(time.Second)))
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	a.answer(w, http.StatusCreated, fault)
}

func (a *api) revert(w http.ResponseWriter, r *http.Request) {
	found, ok := a.world(w, r.PathValue("stack"))
	if !ok {
		return
	}
	if err := found.Revert(r.PathValue("id")); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
