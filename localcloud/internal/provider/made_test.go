package provider

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// networked has a list of objects with fields that the cloud makes up.
func networked() Type {
	return Type{Properties: map[string]Property{
		"place": String().Same(func(s string) string { return strings.ToLower(strings.ReplaceAll(s, " ", "")) }),
		"parts": List(Object(map[string]Property{
			"name": String(), "of": Object(map[string]Property{"id": String().Same(strings.ToLower)}), "owners": List(String()),
		}).Makes("id", "owners")),
		"names": Map(String().Same(strings.ToUpper)),
	}}
}

func TestSame(t *testing.T) {
	t.Parallel()
	part := func(id string) []any { return []any{map[string]any{"name": "a", "of": map[string]any{"id": id}}} }
	for name, test := range map[string]struct {
		olds, news map[string]any
		want       []string
	}{
		"form of a text":      {map[string]any{"place": "West Europe"}, map[string]any{"place": "westeurope"}, nil},
		"another text":        {map[string]any{"place": "West Europe"}, map[string]any{"place": "northeurope"}, []string{"place"}},
		"inside of a list":    {map[string]any{"parts": part("/A")}, map[string]any{"parts": part("/a")}, nil},
		"another in a list":   {map[string]any{"parts": part("/A")}, map[string]any{"parts": part("/b")}, []string{"parts"}},
		"inside of a map":     {map[string]any{"names": map[string]any{"k": "v"}}, map[string]any{"names": map[string]any{"k": "V"}}, nil},
		"text without a form": {map[string]any{"parts": []any{map[string]any{"name": "a"}}}, map[string]any{"parts": []any{map[string]any{"name": "A"}}}, []string{"parts"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, c := range Changes(networked().Properties, test.olds, test.news) {
				got = append(got, c.Path)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Changes(%v, %v) (-want +got):\n%s", test.olds, test.news, diff)
			}
		})
	}
}

func TestPromise(t *testing.T) {
	t.Parallel()
	given := func() map[string]any {
		return map[string]any{"place": "here", "parts": []any{map[string]any{"name": "a", "owners": []any{"me"}}}}
	}
	open := map[string]any{"place": "here", "parts": []any{map[string]any{"name": "a", "id": Unknown{}, "owners": Unknown{}}}}
	before := map[string]any{"parts": []any{map[string]any{"name": "a", "id": "/1", "owners": map[string]any{"me": true}}}}
	kept := map[string]any{"place": "here", "parts": before["parts"]}
	for name, test := range map[string]struct {
		before  map[string]any
		changes []Change
		want    map[string]any
	}{
		"of a new resource":     {nil, nil, open},
		"of a changed property": {before, []Change{{Path: "parts", Top: "parts"}}, open},
		"of another property":   {before, []Change{{Path: "place", Top: "place"}}, kept},
	} {
		outputs := given()
		networked().promise(outputs, test.before, test.changes)
		if diff := cmp.Diff(test.want, outputs); diff != "" {
			t.Errorf("promise %s (-want +got):\n%s", name, diff)
		}
	}
}

// A name that is the program's own is the same for a replacement.
func TestCopiedName(t *testing.T) {
	t.Parallel()
	if got, err := (AutoName{Property: "name"}).Generate(sampleURN, []string{"App"}); got != "App" || err != nil {
		t.Errorf("Generate without digits = %q, %v, want App", got, err)
	}
}
