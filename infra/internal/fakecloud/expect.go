package fakecloud

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// At walks into nested inputs; a number-like step is an index.
func At(t testing.TB, r Resource, path string) any {
	t.Helper()
	parsed, err := resource.ParsePropertyPath(path)
	if err != nil {
		t.Fatal(err)
	}
	value, ok := parsed.Get(resource.NewProperty(r.Inputs))
	if !ok {
		t.Errorf("%s %s has no input %s", r.Type, r.Name, path)
		return nil
	}
	return value.Mappable()
}

// Expect compares inputs of one resource.
func Expect(t testing.TB, r Resource, want map[string]any) {
	t.Helper()
	for path, value := range want {
		if got := At(t, r, path); got != value {
			t.Errorf("%s %s: input %s: got %v, want %v", r.Type, r.Name, path, got, value)
		}
	}
}

// Only gives the single resource of a type.
func Only(t testing.TB, r *Recorder, token string) Resource {
	t.Helper()
	found := r.Of(token)
	if len(found) != 1 {
		t.Fatalf("%s: got %d, want one", token, len(found))
	}
	for _, each := range found {
		return each
	}
	return Resource{}
}

// Needs fails unless the resource comes after all of the named ones.
func Needs(t testing.TB, r Resource, want ...string) {
	t.Helper()
	for _, each := range want {
		if !slices.Contains(r.Needs, each) {
			t.Errorf("%s %s does not wait for %s", r.Type, r.Name, each)
		}
	}
}
