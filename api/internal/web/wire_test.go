package web

import (
	"fmt"
	"testing"
)

const (
	apple = `{"id": 1, "name": "apple", "price": "1.25", "resource_uri": "/api/v1/fruit/1/", "stock": 10}`
	pear  = `{"id": 2, "name": "pear", "price": "0.00", "resource_uri": "/api/v1/fruit/2/", "stock": 0}`
)

func (s *service) seed() {
	s.t.Helper()
	s.want("POST", "/api/v1/fruit/", `{"name": "apple", "price": 1.25, "stock": 10}`, 201, "")
	s.want("POST", "/api/v1/fruit/", `{"name": "pear"}`, 201, "")
}

// The answers that clients of the replaced system know, to the byte.
func TestWireFormat(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.want("GET", "/api/v1/", "", 200, `{"fruit": {"list_endpoint": "/api/v1/fruit/", "schema": "/api/v1/fruit/schema/"}}`)
	s.want("GET", "/api/v1/fruit/", "", 200, `{"meta": {"limit": 20, "next": null, "offset": 0, "previous": null, "total_count": 0}, "objects": []}`)
	a := s.want("POST", "/api/v1/fruit/", `{"name": "apple", "price": "1.25", "stock": 10, "colour": "red", "id": 77}`, 201, "")
	if got := a.Header.Get("Location"); got != "/api/v1/fruit/1/" {
		t.Errorf("Location: got %q", got)
	}
	s.want("POST", "/api/v1/fruit/", `{"name": "pear"}`, 201, "")
	a = s.want("GET", "/api/v1/fruit/1/", "", 200, apple)
	if got := a.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type: got %q", got)
	}
	s.want("GET", "/api/v1/fruit/2/", "", 200, pear)
	s.want("GET", "/api/v1/fruit/", "", 200,
		`{"meta": {"limit": 20, "next": null, "offset": 0, "previous": null, "total_count": 2}, "objects": [`+apple+`, `+pear+`]}`)
	s.want("PUT", "/api/v1/fruit/1/", `{"stock": 3}`, 204, "")
	s.want("PATCH", "/api/v1/fruit/1/", `{"price": 2}`, 202, "")
	s.want("GET", "/api/v1/fruit/1/", "", 200,
		`{"id": 1, "name": "apple", "price": "2.00", "resource_uri": "/api/v1/fruit/1/", "stock": 3}`)
	a = s.want("PUT", "/api/v1/fruit/7/", `{"name": "Äpfel \"Boskop\"\n", "price": 1e2}`, 201, "")
	if got := a.Header.Get("Location"); got != "/api/v1/fruit/7/" {
		t.Errorf("Location of PUT: got %q", got)
	}
	s.want("GET", "/api/v1/fruit/7/", "", 200,
		`{"id": 7, "name": "Äpfel \"Boskop\"\n", "price": "100.00", "resource_uri": "/api/v1/fruit/7/", "stock": 0}`)
	s.want("DELETE", "/api/v1/fruit/7/", "", 204, "")
	s.wantProblem("DELETE", "/api/v1/fruit/7/", "", 404, "no-such-fruit")
	s.wantProblem("GET", "/api/v1/fruit/7/", "", 404, "no-such-fruit")
	s.wantProblem("PATCH", "/api/v1/fruit/7/", `{"stock": 1}`, 404, "no-such-fruit")
}

func TestSets(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.seed()
	s.want("GET", "/api/v1/fruit/set/2;1/", "", 200, `{"objects": [`+pear+`, `+apple+`]}`)
	s.want("GET", "/api/v1/fruit/set/2%3B1/", "", 200, `{"objects": [`+pear+`, `+apple+`]}`)
	s.want("GET", "/api/v1/fruit/set/1;9;abc;01/", "", 200, `{"not_found": ["9", "abc", "01"], "objects": [`+apple+`]}`)
}

func TestPaging(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for i := range 25 {
		s.want("POST", "/api/v1/fruit/", fmt.Sprintf(`{"name": "f%02d"}`, i), 201, "")
	}
	for query, meta := range map[string]string{
		"":                            `{"limit": 20, "next": "/api/v1/fruit/?limit=20&offset=20", "offset": 0, "previous": null, "total_count": 25}`,
		"?offset=20":                  `{"limit": 20, "next": null, "offset": 20, "previous": "/api/v1/fruit/?limit=20&offset=0", "total_count": 25}`,
		"?offset=5":                   `{"limit": 20, "next": null, "offset": 5, "previous": null, "total_count": 25}`,
		"?limit=0":                    `{"limit": 1000, "next": null, "offset": 0, "previous": null, "total_count": 25}`,
		"?limit=5000":                 `{"limit": 1000, "next": null, "offset": 0, "previous": null, "total_count": 25}`,
		"?offset=9223372036854775807": `{"limit": 20, "next": null, "offset": 9223372036854775807, "previous": "/api/v1/fruit/?limit=20&offset=9223372036854775787", "total_count": 25}`,
		"?colour=r%C3%B6t+a&limit=2&colour=b&offset=2": `{"limit": 2, "next": "/api/v1/fruit/?colour=r%C3%B6t+a&colour=b&limit=2&offset=4", "offset": 2, ` +
			`"previous": "/api/v1/fruit/?colour=r%C3%B6t+a&colour=b&limit=2&offset=0", "total_count": 25}`,
		"?limit=10&after=5":  `{"limit": 10, "next": "/api/v1/fruit/?limit=10&after=15", "offset": 0, "previous": null, "total_count": 25}`,
		"?limit=10&after=20": `{"limit": 10, "next": null, "offset": 0, "previous": null, "total_count": 25}`,
	} {
		a := s.do("GET", "/api/v1/fruit/"+query, "")
		want := `{"meta": ` + meta + `, "objects": `
		if len(a.Body) < len(want) || a.Body[:len(want)] != want {
			t.Errorf("list %s:\n got %.300s\nwant %s", query, a.Body, want)
		}
	}
	for _, bad := range []string{"limit=-1", "limit=a", "limit=", "offset=-1", "offset=99999999999999999999", "after=x", "after=1&offset=2", "after=1&order_by=name"} {
		s.wantProblem("GET", "/api/v1/fruit/?"+bad, "", 400, "invalid-parameters", `"errors": [{"field": "`)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, c := range []struct {
		method, path, location string
		status                 int
	}{
		{"GET", "/api/v1", "/api/v1/", 301},
		{"GET", "/api/v1/fruit?limit=2&x=%20", "/api/v1/fruit/?limit=2&x=%20", 301},
		{"HEAD", "/api/v1/fruit/1", "/api/v1/fruit/1/", 301},
		{"GET", "/api/v1/fruit/set/1;2", "/api/v1/fruit/set/1;2/", 301},
		{"POST", "/api/v1/fruit", "/api/v1/fruit/", 308},
		{"PUT", "/api/v1/fruit/1", "/api/v1/fruit/1/", 308},
	} {
		a := s.do(c.method, c.path, "")
		if a.Status != c.status || a.Header.Get("Location") != c.location {
			t.Errorf("%s %s: got %d to %q, want %d to %q", c.method, c.path, a.Status, a.Header.Get("Location"), c.status, c.location)
		}
	}
	s.wantProblem("GET", "//example.com", "", 404, "no-such-path")
}

func TestInstanceHeadersAreOnEveryAnswer(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, path := range []string{"/livez", "/readyz", "/version", "/api/v1/", "/api/v1", "/nothing", "/api/v1/fruit/9/"} {
		a := s.do("GET", path, "")
		if a.Header.Get("X-Orchard-Instance") != "i-1" || a.Header.Get("X-Orchard-Zone") != "z-a" || a.Header.Get("X-Request-Id") == "" {
			t.Errorf("GET %s: got headers %v", path, a.Header)
		}
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.want("GET", "/livez", "", 200, `{"ApplicationHealthState":"Healthy"}`)
	s.want("GET", "/readyz", "", 200, `{"database":"ok"}`)
	s.draining.Store(true)
	a := s.want("GET", "/livez", "", 503, `{"ApplicationHealthState":"Unhealthy"}`)
	if !a.Close {
		t.Error("Connection while draining: got keep-alive, want close")
	}
	s.wantProblem("GET", "/readyz", "", 503, "draining")
}
