package postgres

import (
	"errors"
	"slices"
	"testing"
)

func testRole(t *testing.T, pair *Pair) {
	conn := session(t, pair, "master")
	for _, sql := range []string{
		"create role app login", "grant cloud_iam to app",
		"create role other login password 'pässword one'",
		"create role late login valid until '2001-01-01'",
	} {
		execute(t, conn, sql)
	}
	role := func(name string) Role {
		t.Helper()
		role, err := pair.Role(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		return role
	}
	if app := role("app"); !app.Login || !slices.Equal(app.Groups, []string{"cloud_iam"}) || !errors.Is(app.CheckPassword(""), ErrWrongPassword) {
		t.Errorf("got %+v, want a login role in cloud_iam without a password", app)
	}
	if master := role("master"); !slices.Equal(master.Groups, []string{"cloud_superuser"}) {
		t.Errorf("master role is in %v, want cloud_superuser alone", master.Groups)
	}
	if role("late").Login || role("cloud_iam").Login {
		t.Error("an expired role or a group may log in")
	}
	other := role("other")
	if err := other.CheckPassword("pässword one"); err != nil {
		t.Error(err)
	}
	if err := other.CheckPassword("pässword two"); !errors.Is(err, ErrWrongPassword) {
		t.Errorf("got %v, want %v", err, ErrWrongPassword)
	}
	if _, err := pair.Role(t.Context(), "none"); !errors.Is(err, ErrNoRole) {
		t.Errorf("got %v, want %v", err, ErrNoRole)
	}
}
