package web

import (
	"strings"
	"testing"
)

// Each of these was a 500, or accepted, in the replaced system.
func TestBadBodies(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.seed()
	long := strings.Repeat("ä", 101)
	for _, c := range []struct{ body, field, reason string }{
		{``, "", "malformed"},
		{`[]`, "", "malformed"},
		{`"apple"`, "", "malformed"},
		{`{"name": "x"} {}`, "", "malformed"},
		{`{"name": "x", "price": NaN}`, "", "malformed"},
		{"{\"name\": \"\xff\"}", "", "not-utf8"},
		{`{}`, "name", "required"},
		{`{"name": ""}`, "name", "empty"},
		{`{"name": null}`, "name", "null"},
		{`{"name": {"a": 1}}`, "name", "wrong-type"},
		{`{"name": 5}`, "name", "wrong-type"},
		{`{"name": "` + long + `"}`, "name", "too-long"},
		{`{"name": "a\u0000b"}`, "name", "not-allowed"},
		{`{"name": "\ud800"}`, "name", "not-utf8"},
		{`{"name": "\ud800\u0041"}`, "name", "not-utf8"},
		{`{"name": "\udc00\ud800"}`, "name", "not-utf8"},
		{`{"name": "x", "name": "y"}`, "name", "duplicate"},
		{`{"name": "x", "price": "NaN"}`, "price", "not-a-number"},
		{`{"name": "x", "price": "Infinity"}`, "price", "not-a-number"},
		{`{"name": "x", "price": -0.01}`, "price", "out-of-range"},
		{`{"name": "x", "price": 1.255}`, "price", "too-precise"},
		{`{"name": "x", "price": 1000000}`, "price", "out-of-range"},
		{`{"name": "x", "price": 1e999}`, "price", "out-of-range"},
		{`{"name": "x", "price": 1e99999}`, "price", "not-a-number"},
		{`{"name": "x", "price": true}`, "price", "wrong-type"},
		{`{"name": "x", "stock": 3.7}`, "stock", "not-an-integer"},
		{`{"name": "x", "stock": "3"}`, "stock", "wrong-type"},
		{`{"name": "x", "stock": 2147483648}`, "stock", "out-of-range"},
		{`{"name": "x", "stock": -2147483649}`, "stock", "out-of-range"},
		{`{"name": "x", "stock": [1]}`, "stock", "wrong-type"},
	} {
		want := `{"field": "` + c.field + `", "reason": "` + c.reason + `"`
		s.wantProblem("POST", "/api/v1/fruit/", c.body, 400, "invalid-body", want)
		s.wantProblem("PUT", "/api/v1/fruit/99/", c.body, 400, "invalid-body", want)
		if c.reason != "required" {
			s.wantProblem("PATCH", "/api/v1/fruit/1/", c.body, 400, "invalid-body", want)
		}
	}
	s.wantProblem("POST", "/api/v1/fruit/", `{"name": "", "price": -1, "stock": "x"}`, 400, "invalid-body", `"field": "name"`, `"field": "price"`, `"field": "stock"`)
	s.want("GET", "/api/v1/fruit/?limit=1", "", 200,
		`{"meta": {"limit": 1, "next": "/api/v1/fruit/?limit=1&offset=1", "offset": 0, "previous": null, "total_count": 2}, "objects": [`+apple+`]}`)
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.seed()
	taken := `"errors": [{"field": "name", "reason": "taken"`
	s.wantProblem("POST", "/api/v1/fruit/", `{"name": "apple"}`, 409, "name-taken", taken)
	s.wantProblem("PUT", "/api/v1/fruit/2/", `{"name": "apple"}`, 409, "name-taken", taken)
	s.wantProblem("PUT", "/api/v1/fruit/50/", `{"name": "apple"}`, 409, "name-taken", taken)
	s.wantProblem("PATCH", "/api/v1/fruit/2/", `{"name": "apple"}`, 409, "name-taken", taken)
}

func TestMethodsAndPaths(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.seed()
	for _, c := range []struct{ method, path, allow string }{
		{"DELETE", "/api/v1/fruit/?anything=1", "GET, HEAD, OPTIONS, POST"},
		{"PUT", "/api/v1/fruit/", "GET, HEAD, OPTIONS, POST"},
		{"POST", "/api/v1/fruit/1/", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"},
		{"BREW", "/api/v1/fruit/1/", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"},
		{"POST", "/livez", "GET, HEAD, OPTIONS"},
		{"PROPFIND", "/api/v1/", "GET, HEAD, OPTIONS"},
	} {
		a := s.wantProblem(c.method, c.path, `{"objects": []}`, 405, "method-not-allowed")
		if got := a.Header.Get("Allow"); got != c.allow {
			t.Errorf("%s %s: Allow: got %q, want %q", c.method, c.path, got, c.allow)
		}
		o := s.want("OPTIONS", c.path, "", 200, "")
		if got := o.Header.Get("Allow"); got != c.allow {
			t.Errorf("OPTIONS %s: Allow: got %q, want %q", c.path, got, c.allow)
		}
	}
	for _, path := range []string{"/", "/api/", "/api/v1/nothing/", "/api/v1/fruit/1/x/", "/api/v1//fruit/"} {
		s.wantProblem("BREW", path, "", 404, "no-such-path")
		s.wantProblem("GET", path, "", 404, "no-such-path")
	}
	for _, id := range []string{"0", "-1", "01", "abc", "2147483648", "99999999999999999999", "1%00", "1%2F2", "%ff"} {
		for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
			s.wantProblem(method, "/api/v1/fruit/"+id+"/", `{"name": "x"}`, 404, "no-such-fruit")
		}
	}
	get, head := s.do("GET", "/api/v1/fruit/1/", ""), s.do("HEAD", "/api/v1/fruit/1/", "")
	if head.Status != 200 || head.Body != "" || head.Header.Get("Content-Length") != get.Header.Get("Content-Length") {
		t.Errorf("HEAD: got %d %q length %s, want 200 without a body and length %s",
			head.Status, head.Body, head.Header.Get("Content-Length"), get.Header.Get("Content-Length"))
	}
}

func TestBodiesBySizeAndType(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.wantProblem("POST", "/api/v1/fruit/", `{"name": "`+strings.Repeat("x", 1<<16)+`"}`, 413, "body-too-large")
	for _, header := range [][]string{
		{"Content-Type", "application/x-www-form-urlencoded"},
		{"Content-Type", "application/json; charset=latin1"},
		{"Content-Type", "text/html; charset"},
		{"Content-Encoding", "gzip"},
	} {
		a := s.do("POST", "/api/v1/fruit/", `{"name": "x"}`, header...)
		s.checkProblem(a, strings.Join(header, ": "), 415, "unsupported-media-type")
	}
	s.want("POST", "/api/v1/fruit/", `{"name": "x"}`, 201, "", "Content-Type", "application/json; charset=UTF-8")
}
