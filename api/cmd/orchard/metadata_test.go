package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// metadata is a virtual machine's metadata service, at its own address by way
// of being its proxy.
type metadata struct {
	*httptest.Server
	tokens map[string]string // by client id

	mu       sync.Mutex
	asked    int  // tokens given
	broken   bool // events are answered 500
	events   []map[string]any
	approved chan []string
}

func newMetadata(t *testing.T, tokens map[string]string) *metadata {
	t.Helper()
	m := &metadata{tokens: tokens, approved: make(chan []string, 100)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET 169.254.169.254/metadata/identity/oauth2/token", m.token)
	mux.HandleFunc("GET 169.254.169.254/metadata/scheduledevents", m.list)
	mux.HandleFunc("POST 169.254.169.254/metadata/scheduledevents", m.start)
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Metadata") != "true" {
			t.Errorf("%s %s: the header Metadata is missing", r.Method, r.URL)
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(m.Close)
	return m
}

// environment leads a process to this service.
func (m *metadata) environment() string { return "HTTP_PROXY=" + m.URL }

func (m *metadata) token(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	token, ok := m.tokens[q.Get("client_id")]
	if !ok || q.Get("resource") != "https://ossrdbms-aad.database.windows.net" {
		http.Error(w, `{"error":"invalid_request","error_description":"Identity not found"}`, http.StatusBadRequest)
		return
	}
	m.mu.Lock()
	m.asked++
	m.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{
		"access_token": token, "client_id": q.Get("client_id"), "resource": q.Get("resource"), "token_type": "Bearer",
		"expires_in": "86400", "expires_on": strconv.FormatInt(time.Now().Add(24*time.Hour).Unix(), 10),
	})
}

func (m *metadata) list(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		http.Error(w, "not now", http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"DocumentIncarnation": 1, "Events": m.events})
}

func (m *metadata) start(w http.ResponseWriter, r *http.Request) {
	var body struct{ StartRequests []struct{ EventId string } }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []string
	for _, request := range body.StartRequests {
		ids = append(ids, request.EventId)
	}
	for _, e := range m.events {
		if slices.Contains(ids, fmt.Sprint(e["EventId"])) {
			e["EventStatus"], e["NotBefore"] = "Started", ""
		}
	}
	m.approved <- ids
}

// announce puts a Terminate event on the list.
func (m *metadata) announce(id, name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = append(m.events, map[string]any{
		"EventId": id, "EventType": "Terminate", "EventStatus": "Scheduled", "ResourceType": "VirtualMachine",
		"Resources": []string{name}, "NotBefore": "Mon, 19 Sep 2033 18:29:47 GMT", "EventSource": "Platform",
	})
}

func (m *metadata) setBroken(broken bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = broken
}

func (m *metadata) given() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked
}
