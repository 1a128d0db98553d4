package fruit

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

var canonicalPrice = regexp.MustCompile(`^[0-9]{1,6}\.[0-9]{2}$`)

// What ParseChange accepts keeps every rule of the fields, and goes through
// the representation and back unchanged.
func FuzzParseChange(f *testing.F) {
	for _, s := range []string{
		`{"name": "apple", "price": 1.25, "stock": 10}`, `{"name":"\ud83c\udf4e","price":"0.10"}`, `{"price": 1e2, "stock": -3}`,
		`{"name": "\ud800"}`, `[]`, `{"a": {"b": [1, {"c": null}]}, "stock": 5e0}`, `{"name": "x", "name": "y"}`, "\xff", ``, ` {}`,
		`{"name": "\u0000"}`, `{"price": -0.00}`, `{"stock": 2147483648}`, `{"price": 1e-400}`, `{"name"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c, problems := ParseChange(body)
		if problems != nil {
			for _, p := range problems {
				if p.Reason == "" || p.Detail == "" {
					t.Errorf("ParseChange(%q): problem without a reason: %+v", body, p)
				}
			}
			return
		}
		if !json.Valid(body) {
			t.Errorf("ParseChange(%q): accepted what is no JSON", body)
		}
		if c.Price != nil && !canonicalPrice.MatchString(*c.Price) {
			t.Errorf("ParseChange(%q): price %q is not canonical", body, *c.Price)
		}
		if c.Name == nil {
			return
		}
		n := utf8.RuneCountInString(*c.Name)
		if n < 1 || n > MaxName || !utf8.ValidString(*c.Name) || strings.ContainsRune(*c.Name, 0) {
			t.Errorf("ParseChange(%q): name %q breaks a rule", body, *c.Name)
		}
		entry, _ := c.Entry()
		entry.ID = 1
		again, problems := ParseChange(entry.AppendJSON(nil))
		if problems != nil || again.Apply(Fruit{ID: 1}) != entry {
			t.Errorf("ParseChange(%q): there and back: got %+v, %v; want %+v", body, again.Apply(Fruit{ID: 1}), problems, entry)
		}
	})
}

// AppendString writes JSON that reads back as what was written.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "apple", "Äpfel \"x\"\\\n\x00\x1f\x7f", "\xff\xfe", "\u2028<>&", "🍎"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		written := AppendString(nil, s)
		want := strings.ToValidUTF8(s, "\uFFFD")
		if err := json.Unmarshal(written, &got); err != nil {
			t.Fatalf("AppendString(%q): got %q, which is no JSON: %v", s, written, err)
		}
		if utf8.ValidString(s) && got != want {
			t.Errorf("AppendString(%q): reads back as %q", s, got)
		}
	})
}

// What ParseQuery accepts is within its bounds, and its links are accepted
// again and keep the other parameters.
func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{
		"", "limit=2&offset=4", "name__in=a,b&colour=red", "order_by=-name&order_by=id", "price__range=1,2", "after=5&limit=1",
		"x=%zz&y=%ff&&=&a;b", "limit=+5", "stock__gt=9223372036854775807", "name=%00", "offset=9223372036854775807", "limit=%31",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		q, problems := ParseQuery(raw)
		if problems != nil {
			return
		}
		if q.Limit < 1 || q.Limit > MaxLimit || q.Offset < 0 || q.After < 0 {
			t.Fatalf("ParseQuery(%q): got limit %d, offset %d, after %d", raw, q.Limit, q.Offset, q.After)
		}
		next, _ := q.links(1<<62, make([]Fruit, q.Limit))
		if next == "" {
			return
		}
		again, problems := ParseQuery(strings.TrimPrefix(next, Collection+"?"))
		if problems != nil || len(again.Filters) != len(q.Filters) || len(again.Order) != len(q.Order) || again.Limit != q.Limit {
			t.Errorf("ParseQuery(%q): its link %q gives %+v, %v", raw, next, again, problems)
		}
	})
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"0", "-0.00", "1.25", "1e2", "100e-2", "0.001", "1e999", "999999.99", "00.10", "+1", "1.", ".5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := parseDecimal(s)
		if !ok {
			return
		}
		n, reason := d.fixed(2)
		if reason != "" || n < 0 || n > maxCents {
			return
		}
		again, ok := parseDecimal(formatCents(n))
		if back, _ := again.fixed(2); !ok || back != n {
			t.Errorf("parseDecimal(%q): %d cents are written %s and read back as %d", s, n, formatCents(n), back)
		}
	})
}
