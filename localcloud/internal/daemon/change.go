package daemon

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"orchard/localcloud/internal/world"
)

// The changes that people make to a world from outside its program: faults, the
// desired count of a group, and failovers. What is refused is answered with 422 and the
// sentence.

// inWorld finds the world that a request names.
func (d *Daemon) inWorld(answer func(*world.World, http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		w, ok := d.find(r.PathValue("stack"))
		if !ok {
			http.Error(rw, fmt.Sprintf("stack %s is not up", r.PathValue("stack")), http.StatusNotFound)
			return
		}
		if err := answer(w, rw, r); err != nil {
			http.Error(rw, err.Error(), http.StatusUnprocessableEntity)
		}
	}
}

// find is the world of a stack that is up.
func (d *Daemon) find(stack string) (*world.World, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w, ok := d.worlds[stack]
	return w, ok && len(w.Resources()) > 0
}

func answerInject(w *world.World, rw http.ResponseWriter, r *http.Request) error {
	lasting, err := time.ParseDuration(r.FormValue("for"))
	if err != nil {
		return fmt.Errorf("how long the fault lasts is %q: want a duration such as 30s", r.FormValue("for"))
	}
	fault, err := w.Inject(r.FormValue("kind"), r.FormValue("target"), lasting)
	if err != nil {
		return err
	}
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(http.StatusCreated)
	return json.NewEncoder(rw).Encode(fault)
}

func answerRevert(w *world.World, rw http.ResponseWriter, r *http.Request) error {
	if err := w.Revert(r.PathValue("id")); err != nil {
		return err
	}
	rw.WriteHeader(http.StatusNoContent)
	return nil
}

func answerFailOver(w *world.World, rw http.ResponseWriter, r *http.Request) error {
	if err := w.FailOver(r.PathValue("name")); err != nil {
		return err
	}
	rw.WriteHeader(http.StatusAccepted)
	return nil
}

func answerDesired(w *world.World, rw http.ResponseWriter, r *http.Request) error {
	n, err := strconv.Atoi(r.FormValue("count"))
	if err != nil {
		return fmt.Errorf("desired is %q: want a number of instances", r.FormValue("count"))
	}
	if err := w.SetDesired(r.PathValue("group"), n); err != nil {
		return err
	}
	rw.WriteHeader(http.StatusNoContent)
	return nil
}
