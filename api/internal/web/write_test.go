package web

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := newService(t)
	key := []string{"Idempotency-Key", "k-1"}
	first := s.want("POST", "/api/v1/fruit/", `{"name": "kiwi", "price": "1.5"}`, 201, "", key...)
	again := s.want("POST", "/api/v1/fruit/", `{"price": 1.50, "name": "kiwi"}`, 201, "", key...)
	if first.Header.Get("Location") != again.Header.Get("Location") || again.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("replay: got %q, %q; want %q, true", again.Header.Get("Location"), again.Header.Get("Idempotency-Replayed"), first.Header.Get("Location"))
	}
	a := s.do("POST", "/api/v1/fruit/", `{"name": "lime"}`, key...)
	s.checkProblem(a, "another body", 422, "idempotency-key-reused")
	a = s.do("POST", "/api/v1/fruit/", `{"name": "kiwi"}`, "Idempotency-Key", "k-2")
	s.checkProblem(a, "a taken name under a new key", 409, "name-taken")
	// The key of a refused request is free: nothing was stored.
	s.want("POST", "/api/v1/fruit/", `{"name": "lime"}`, 201, "", "Idempotency-Key", "k-2")
	for _, bad := range []string{"", strings.Repeat("k", 256)} {
		a = s.do("POST", "/api/v1/fruit/", `{"name": "fig"}`, "Idempotency-Key", bad)
		s.checkProblem(a, "key "+bad, 400, "invalid-idempotency-key")
	}
	s.want("DELETE", "/api/v1/fruit/1/", "", 204, "")
	s.want("POST", "/api/v1/fruit/", `{"name": "kiwi", "price": "1.5"}`, 201, "", key...)
	s.wantProblem("GET", "/api/v1/fruit/1/", "", 404, "no-such-fruit")
}

// The same key many times at once makes one entry, and all get its address.
func TestIdempotencyKeyAtOnce(t *testing.T) {
	t.Parallel()
	s := newService(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			a := s.want("POST", "/api/v1/fruit/", `{"name": "kiwi"}`, 201, "", "Idempotency-Key", "same")
			if got := s.do("GET", a.Header.Get("Location"), ""); got.Status != 200 {
				t.Errorf("GET %s: got %d", a.Header.Get("Location"), got.Status)
			}
		})
	}
	all.Wait()
	if a := s.do("GET", "/api/v1/fruit/", ""); !strings.Contains(a.Body, `"total_count": 1}`) {
		t.Errorf("list: got %s, want one entry", a.Body)
	}
}

func TestForgetKeys(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, k := range []string{"old", "young"} {
		s.want("POST", "/api/v1/fruit/", `{"name": "`+k+`"}`, 201, "", "Idempotency-Key", k)
	}
	sum := sha256.Sum256([]byte("old"))
	s.exec("UPDATE idempotency SET created_at = now() - interval '25 hours' WHERE key = $1", sum[:])
	n, err := s.store.ForgetKeys(t.Context())
	if n != 1 || err != nil {
		t.Errorf("ForgetKeys: got %d, %v; want 1", n, err)
	}
	a := s.want("POST", "/api/v1/fruit/", `{"name": "young"}`, 201, "", "Idempotency-Key", "young")
	if a.Header.Get("Idempotency-Replayed") != "true" {
		t.Error("the young key: got a new entry, want a replay")
	}
}

func TestConditionalRequests(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.seed()
	tag := s.do("GET", "/api/v1/fruit/1/", "").Header.Get("ETag")
	if len(tag) != 18 || tag == s.do("GET", "/api/v1/fruit/2/", "").Header.Get("ETag") {
		t.Fatalf("ETag: got %q, want 18 characters, another for each entry", tag)
	}
	for _, c := range []struct {
		method, path, body, header, value string
		status                            int
	}{
		{"GET", "/1/", "", "If-None-Match", tag, 304},
		{"GET", "/1/", "", "If-None-Match", `"x", W/` + tag, 304},
		{"GET", "/1/", "", "If-None-Match", `*`, 304},
		{"HEAD", "/1/", "", "If-None-Match", tag, 304},
		{"GET", "/1/", "", "If-None-Match", `"x"`, 200},
		{"PUT", "/1/", `{"stock": 1}`, "If-Match", `"x"`, 412},
		{"PUT", "/1/", `{"stock": 1}`, "If-Match", `W/` + tag, 412},
		{"PUT", "/1/", `{"stock": 1}`, "If-None-Match", `*`, 412},
		{"PATCH", "/1/", `{"stock": 1}`, "If-Match", `"x"`, 412},
		{"DELETE", "/1/", "", "If-Match", `"x"`, 412},
		{"PUT", "/9/", `{"name": "new"}`, "If-Match", `*`, 412},
		{"PUT", "/9/", `{"name": "new"}`, "If-None-Match", `*`, 201},
		{"PUT", "/1/", `{"stock": 1}`, "If-Match", tag, 204},
		{"PUT", "/1/", `{"stock": 2}`, "If-Match", tag, 412},
		{"PUT", "/1/", `{"stock": 10}`, "If-Match", "*", 204},
		{"DELETE", "/1/", "", "If-Match", tag, 204},
	} {
		if a := s.do(c.method, "/api/v1/fruit"+c.path, c.body, c.header, c.value); a.Status != c.status {
			t.Errorf("%s %s %s with %s: %s: got %d %s, want %d", c.method, c.path, c.body, c.header, c.value, a.Status, a.Body, c.status)
		}
	}
}

// Of many writers with the same If-Match one wins.
func TestIfMatchAtOnce(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.seed()
	tag := s.do("GET", "/api/v1/fruit/1/", "").Header.Get("ETag")
	var all sync.WaitGroup
	results := make(chan int, 20)
	for i := range 20 {
		all.Go(func() {
			results <- s.do("PUT", "/api/v1/fruit/1/", fmt.Sprintf(`{"stock": %d}`, 100+i), "If-Match", tag).Status
		})
	}
	all.Wait()
	close(results)
	count := map[int]int{}
	for r := range results {
		count[r]++
	}
	if count[204] != 1 || count[412] != 19 {
		t.Errorf("20 writers with one ETag: got %v, want one 204 and nineteen 412", count)
	}
}

// PUT at ids that the sequence has yet to reach, and at the greatest, and then POST.
func TestPutDoesNotBreakPost(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.seed()
	for _, id := range []int{3, 4, 6, 2147483647} {
		s.want("PUT", fmt.Sprintf("/api/v1/fruit/%d/", id), fmt.Sprintf(`{"name": "put %d"}`, id), 201, "")
	}
	for _, want := range []string{"/api/v1/fruit/5/", "/api/v1/fruit/7/", "/api/v1/fruit/8/"} {
		a := s.want("POST", "/api/v1/fruit/", `{"name": "post `+want+`"}`, 201, "")
		if got := a.Header.Get("Location"); got != want {
			t.Errorf("Location: got %s, want %s", got, want)
		}
	}
	s.want("PUT", "/api/v1/fruit/9/", `{"name": "put 9"}`, 201, "")
	s.want("POST", "/api/v1/fruit/", `{"name": "keyed"}`, 201, "", "Idempotency-Key", "k")
}

// Creates that come together share transactions; each gets its own answer.
func TestCreatesAtOnce(t *testing.T) {
	t.Parallel()
	s := newService(t)
	var all sync.WaitGroup
	var mu sync.Mutex
	statuses, places := map[int]int{}, map[string]bool{}
	for i := range 200 {
		all.Go(func() {
			a := s.do("POST", "/api/v1/fruit/", fmt.Sprintf(`{"name": "f%d", "stock": %d}`, i/2, i/2)) // each name twice
			got := s.do("GET", a.Header.Get("Location"), "")
			mu.Lock()
			defer mu.Unlock()
			statuses[a.Status]++
			if a.Status != 201 {
				return
			}
			places[a.Header.Get("Location")] = true
			if !strings.Contains(got.Body, fmt.Sprintf(`"name": "f%d", `, i/2)) {
				t.Errorf("create f%d: %s holds %s", i/2, a.Header.Get("Location"), got.Body)
			}
		})
	}
	all.Wait()
	if statuses[201] != 100 || statuses[409] != 100 || len(places) != 100 {
		t.Errorf("200 creates of 100 names: got %v at %d addresses", statuses, len(places))
	}
}

func TestWriteToken(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte("secret"))
	s := newService(t, func(c *Config) { c.WriteTokenSHA256 = sum[:] })
	for _, header := range []string{"", "secret", "Basic secret", "Bearer wrong", "Bearer  secret"} {
		for _, c := range [][2]string{{"POST", "/"}, {"PUT", "/1/"}, {"PATCH", "/1/"}, {"DELETE", "/1/"}} {
			a := s.do(c[0], "/api/v1/fruit"+c[1], `{"name": "x"}`, "Authorization", header)
			s.checkProblem(a, c[0]+" with "+header, 401, "write-token-needed")
			if !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("WWW-Authenticate: got %q", a.Header.Get("WWW-Authenticate"))
			}
		}
	}
	s.want("POST", "/api/v1/fruit/", `{"name": "x"}`, 201, "", "Authorization", "Bearer secret")
	s.want("GET", "/livez", "", 200, `{"ApplicationHealthState":"Healthy"}`)
	if a := s.do("GET", "/api/v1/fruit/1/", ""); a.Status != 200 {
		t.Errorf("read without a token: got %d, want 200", a.Status)
	}
	if strings.Contains(s.log.String(), "secret") {
		t.Error("the log holds the token")
	}
}
