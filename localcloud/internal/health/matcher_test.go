package health_test

import (
	"testing"

	"orchard/localcloud/internal/health"
)

func TestMatcher(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text    string
		accepts []int
		refuses []int
	}{
		{"200", []int{200}, []int{199, 201, 503}},
		{"200,202", []int{200, 202}, []int{201, 204}},
		{"200-299", []int{200, 250, 299}, []int{301, 404}},
		{"200-204,301,401-403", []int{200, 204, 301, 402}, []int{205, 300, 302, 404}},
		{"599", []int{599}, []int{500}},
	}
	for _, tt := range tests {
		m, err := health.ParseMatcher(tt.text)
		if err != nil {
			t.Errorf("parse %q: %v", tt.text, err)
			continue
		}
		if m.String() != tt.text {
			t.Errorf("matcher %q prints as %q", tt.text, m)
		}
		for _, code := range tt.accepts {
			if !m.Match(code) {
				t.Errorf("matcher %q refuses %d", tt.text, code)
			}
		}
		for _, code := range tt.refuses {
			if m.Match(code) {
				t.Errorf("matcher %q accepts %d", tt.text, code)
			}
		}
	}
	if (health.Matcher{}).Match(200) {
		t.Error("the zero matcher accepts 200, want nothing")
	}
}

func TestMatcherRefusesBadSyntax(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", ",", "200,", ",200", "200,,202", " 200", "200, 202", "200-", "-200", "200-201-202", "299-200",
		"2xx", "20", "2000", "199", "600", "+200", "0200", "200;202", "200–299",
	} {
		if m, err := health.ParseMatcher(text); err == nil {
			t.Errorf("parse %q: got %+v, want an error", text, m)
		}
	}
}

func FuzzParseMatcher(f *testing.F) {
	f.Add("200")
	f.Add("200-299,301")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := health.ParseMatcher(text)
		if err != nil {
			return
		}
		any := false
		for code := range 1000 {
			if m.Match(code) {
				any = true
				if code < 200 || code > 599 {
					t.Errorf("matcher %q accepts %d", text, code)
				}
			}
		}
		if !any {
			t.Errorf("matcher %q was accepted and matches nothing", text)
		}
	})
}
