package providertest

import (
	"strings"
	"testing"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// Find is the resource of a type and a name; the zero one when there is none.
func Find(resources []world.Resource, typ, name string) world.Resource {
	for _, r := range resources {
		if r.Type == typ && strings.HasSuffix(r.URN, "::"+name) {
			return r
		}
	}
	return world.Resource{}
}

// AllOutputs wants every output that the table promises to be answered.
func AllOutputs(t *testing.T, table provider.Table, resources []world.Resource) {
	t.Helper()
	for _, r := range resources {
		for _, name := range table.Types[r.Type].Computed {
			if _, ok := r.Outputs[name]; !ok {
				t.Errorf("%s has no output %s", r.Type, name)
			}
		}
	}
}

// EveryPart wants each part of a stack to translate, because a world is built
// and taken down one resource at a time.
func EveryPart(t *testing.T, check func([]world.Resource) error, whole []world.Resource) {
	t.Helper()
	for n := range whole {
		if err := check(whole[:n]); err != nil {
			t.Fatalf("Declare of the first %d resources: %v", n, err)
		}
		if err := check(whole[n:]); err != nil {
			t.Fatalf("Declare without the first %d resources: %v", n, err)
		}
	}
}
