package web

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"orchard/api/internal/release"
)

// readyTimeout bounds how long /readyz waits for the database.
const readyTimeout = 2 * time.Second

// livez says whether balancers may send requests here. It does not ask the
// database: a failover must not replace the instances.
func (a *api) livez(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	if a.draining() {
		send(w, http.StatusServiceUnavailable, jsonType, []byte(`{"ApplicationHealthState":"Unhealthy"}`))
		return nil
	}
	send(w, http.StatusOK, jsonType, []byte(`{"ApplicationHealthState":"Healthy"}`))
	return nil
}

// readyz says whether the whole service works, the database included. It is
// for people and alarms, not for balancers.
func (a *api) readyz(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	if a.draining() {
		return errDraining
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), readyTimeout)
	defer cancel()
	if err := a.store.Ping(ctx); err != nil {
		return err
	}
	send(w, http.StatusOK, jsonType, []byte(`{"database":"ok"}`))
	return nil
}

func (a *api) version(w http.ResponseWriter, r *http.Request) error {
	info, err := release.Read()
	if err != nil {
		return err
	}
	body, err := json.Marshal(info)
	if err != nil {
		return err
	}
	send(w, http.StatusOK, jsonType, body)
	return nil
}
