package web

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// names lists the names of a page, and its total.
func (s *service) names(query string) (names string, total int) {
	s.t.Helper()
	a := s.do("GET", "/api/v1/fruit/?"+query, "")
	var page struct {
		Meta struct {
			Total int `json:"total_count"`
		}
		Objects []struct{ Name string }
	}
	if err := json.Unmarshal([]byte(a.Body), &page); err != nil || a.Status != 200 {
		s.t.Fatalf("list %s: got %d %s", query, a.Status, a.Body)
	}
	var all []string
	for _, o := range page.Objects {
		all = append(all, o.Name)
	}
	return strings.Join(all, " "), page.Meta.Total
}

func TestFiltersAndOrder(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, body := range []string{
		`{"name": "apple", "price": 1.25, "stock": 10}`,
		`{"name": "apricot", "price": 2, "stock": 0}`,
		`{"name": "banana", "price": 0.50, "stock": -3}`,
		`{"name": "100%_fig", "price": 2, "stock": 7}`,
		`{"name": "Äpfel", "price": 9.99, "stock": 1}`,
	} {
		s.want("POST", "/api/v1/fruit/", body, 201, "")
	}
	for query, want := range map[string]string{
		"name=apple":                     "apple",
		"name__exact=apple":              "apple",
		"name=banana&name=apple":         "apple",
		"name__in=apple,banana,none":     "apple banana",
		"name__in=apple&name__in=banana": "apple banana",
		"name__startswith=ap":            "apple apricot",
		"name__startswith=%C3%84":        "Äpfel",
		"name__startswith=100%25_":       "100%_fig",
		"name__endswith=t":               "apricot",
		"name__contains=an":              "banana",
		"name__contains=%25":             "100%_fig",
		"price=2":                        "apricot 100%_fig",
		"price__gte=2.00":                "apricot 100%_fig Äpfel",
		"price__lt=1.25":                 "banana",
		"price__range=1,2":               "apple apricot 100%_fig",
		"price__in=0.5,9.990":            "banana Äpfel",
		"stock__gt=0&price__lte=2":       "apple 100%_fig",
		"stock__lt=99999999999":          "apple apricot banana 100%_fig Äpfel",
		"id__in=1,3":                     "apple banana",
		"name=" + url.QueryEscape("'; DROP TABLE fruit; --"): "",
		"order_by=name":                  "100%_fig apple apricot banana Äpfel",
		"order_by=-name":                 "Äpfel banana apricot apple 100%_fig",
		"order_by=-id":                   "Äpfel 100%_fig banana apricot apple",
		"order_by=price":                 "banana apple apricot 100%_fig Äpfel",
		"order_by=-price&order_by=-name": "Äpfel apricot 100%_fig apple banana",
		"order_by=price&order_by=price":  "banana apple apricot 100%_fig Äpfel",
		"colour=red":                     "apple apricot banana 100%_fig Äpfel",
		"after=2&limit=2":                "banana 100%_fig",
		"after=3&stock__gt=1":            "100%_fig",
	} {
		if got, _ := s.names(query); got != want {
			t.Errorf("list %s: got %q, want %q", query, got, want)
		}
	}
	if names, total := s.names("price__gte=2&limit=1&offset=1"); names != "100%_fig" || total != 3 {
		t.Errorf("filtered page: got %q of %d, want 100%%_fig of 3", names, total)
	}
	if _, total := s.names("offset=100"); total != 5 {
		t.Errorf("total beyond the end: got %d, want 5", total)
	}
	for query, reason := range map[string]string{
		"price__gte=abc":            "not-a-number",
		"price=NaN":                 "not-a-number",
		"price=1e999":               "not-a-number",
		"stock__gt=1.5":             "not-an-integer",
		"stock__in=1,":              "not-an-integer",
		"price__range=1":            "malformed",
		"name__regex=.*":            "not-allowed",
		"name__a__b=1":              "not-allowed",
		"resource_uri=x":            "not-allowed",
		"name=%00":                  "not-allowed",
		"order_by=stock":            "not-allowed",
		"order_by=":                 "not-allowed",
		"order_by=name;drop":        "not-allowed",
		"stock=9223372036854775808": "not-an-integer",
	} {
		s.wantProblem("GET", "/api/v1/fruit/?"+query, "", 400, "invalid-parameters", `"reason": "`+reason+`"`)
	}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	s := newService(t)
	a := s.do("GET", "/api/v1/fruit/schema/", "")
	var schema struct {
		Fields map[string]struct {
			Type    string
			Default any
		}
		Filtering map[string][]string
		Ordering  []string
	}
	if err := json.Unmarshal([]byte(a.Body), &schema); err != nil || a.Status != 200 {
		t.Fatalf("schema: got %d, %v: %s", a.Status, err, a.Body)
	}
	if len(schema.Fields) != 5 || schema.Fields["price"].Type != "decimal" || schema.Fields["price"].Default != "0.00" ||
		strings.Join(schema.Ordering, " ") != "id name price" || len(schema.Filtering) != 4 {
		t.Errorf("schema: got %s", a.Body)
	}
	if !strings.HasPrefix(a.Body, `{"allowed_detail_http_methods": ["get", "put", "patch", "delete"], "allowed_list`) {
		t.Errorf("schema's form: got %.120s", a.Body)
	}
}
