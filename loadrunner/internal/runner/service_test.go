package runner

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fruit is a row of the service.
type fruit struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Price string `json:"price"`
	Stock int    `json:"stock"`
}

// service is the service's API in memory, with the faults that a ledger is for.
type service struct {
	mu     sync.Mutex
	rows   []fruit
	keys   map[string]int
	writes int

	unique      bool                   // names are, as they should
	forgetful   bool                   // keys are not remembered
	cutEvery    int                    // of so many writes one has no answer, though it is carried out
	afterWrites func(*service, *fruit) // what happens to a row after its write
}

const token = "a token of at least thirty-two bytes"

func start(t *testing.T, s *service) string {
	t.Helper()
	s.keys = map[string]int{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/fruit/{$}", s.list)
	mux.HandleFunc("GET /api/v1/fruit/{id}/", s.detail)
	mux.HandleFunc("POST /api/v1/fruit/{$}", s.write(s.create))
	mux.HandleFunc("PATCH /api/v1/fruit/{id}/", s.write(s.update))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func (s *service) list(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	after, _ := strconv.Atoi(q.Get("after"))
	limit, _ := strconv.Atoi(q.Get("limit"))
	page := []fruit{}
	for _, f := range s.rows {
		if f.ID > after && strings.HasPrefix(f.Name, q.Get("name__startswith")) && len(page) < max(limit, 20) {
			page = append(page, f)
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"objects": page})
}

func (s *service) find(r *http.Request) *fruit {
	id, _ := strconv.Atoi(r.PathValue("id"))
	i := slices.IndexFunc(s.rows, func(f fruit) bool { return f.ID == id })
	if i < 0 {
		return nil
	}
	return &s.rows[i]
}

func (s *service) detail(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.find(r)
	if f == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode(f)
}

// write checks the token, and cuts the connection of some writes once they are done.
func (s *service) write(do func(http.ResponseWriter, *http.Request) int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer "+token {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		status := do(w, r)
		if s.writes++; s.cutEvery > 0 && s.writes%s.cutEvery == 0 {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(status)
	}
}

func (s *service) create(w http.ResponseWriter, r *http.Request) int {
	var f fruit
	if err := json.NewDecoder(r.Body).Decode(&f); err != nil {
		return http.StatusBadRequest
	}
	key := r.Header.Get("Idempotency-Key")
	if id, ok := s.keys[key]; ok && !s.forgetful {
		w.Header().Set("Location", fmt.Sprintf("/api/v1/fruit/%d/", id))
		return http.StatusCreated
	}
	if s.unique && slices.ContainsFunc(s.rows, func(o fruit) bool { return o.Name == f.Name }) {
		return http.StatusConflict
	}
	f.ID = len(s.rows) + 1
	s.keys[key] = f.ID
	s.rows = append(s.rows, f)
	if s.afterWrites != nil {
		s.afterWrites(s, &s.rows[f.ID-1])
	}
	w.Header().Set("Location", fmt.Sprintf("/api/v1/fruit/%d/", f.ID))
	return http.StatusCreated
}

func (s *service) update(_ http.ResponseWriter, r *http.Request) int {
	f := s.find(r)
	if f == nil {
		return http.StatusNotFound
	}
	if err := json.NewDecoder(r.Body).Decode(f); err != nil {
		return http.StatusBadRequest
	}
	if s.afterWrites != nil {
		s.afterWrites(s, f)
	}
	return http.StatusAccepted
}
