package servicestack

import "testing"

func TestFullName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ organization, name, want string }{
		{"acme", "dev", "acme/orchard/dev"},
		{"acme", "other/fruit/prod", "other/fruit/prod"},
		{"", "dev", "dev"},
	} {
		if got := fullName(c.organization, "orchard", c.name); got != c.want {
			t.Errorf("%q in organization %q: got %q, want %q", c.name, c.organization, got, c.want)
		}
	}
}
