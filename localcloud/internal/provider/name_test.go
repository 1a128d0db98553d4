package provider

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/world"
)

const sampleURN = "urn:pulumi:dev::orchard::aws:lb/targetGroup:TargetGroup::App"

func TestGenerate(t *testing.T) {
	t.Parallel()
	a := AutoName{Property: "name", Separator: "-", Random: 7, Max: 32}
	first, err := a.Generate(sampleURN, nil)
	if err != nil || !strings.HasPrefix(first, "App-") || len(first) != len("App-")+7 {
		t.Fatalf("Generate = %q, %v, want App- and 7 characters", first, err)
	}
	if again, _ := a.Generate(sampleURN, nil); again != first {
		t.Errorf("a repeated Generate = %q, want the same %q", again, first)
	}
	second, _ := a.Generate(sampleURN, []string{first})
	if second == first {
		t.Errorf("Generate with %q taken = the same", first)
	}
	if third, _ := a.Generate(sampleURN, []string{second}); third == second {
		t.Errorf("Generate with only %q taken = the same", second)
	}
	lower, _ := AutoName{Property: "bucket", Random: 8, Max: 63, Lower: true}.Generate(sampleURN, nil)
	if lower != strings.ToLower(lower) {
		t.Errorf("Generate of a lower-case name = %q", lower)
	}
	if _, err := (AutoName{Property: "name", Separator: "-", Random: 7, Max: 10}).Generate(sampleURN, nil); err == nil {
		t.Error("Generate of 11 characters with a limit of 10 gives no error")
	}
}

func TestTaken(t *testing.T) {
	t.Parallel()
	named := func(urn, name string, confirmed bool) world.Resource {
		return world.Resource{URN: urn, Confirmed: confirmed, Inputs: map[string]any{"name": name}}
	}
	resources := []world.Resource{named(sampleURN, "a", true), named(sampleURN, "b", false), named(sampleURN+"2", "c", true)}
	got := AutoName{Property: "name"}.taken(resources, sampleURN)
	if diff := cmp.Diff([]string{"a"}, got); diff != "" {
		t.Errorf("taken counts the confirmed names of the URN alone (-want +got):\n%s", diff)
	}
}

func TestURN(t *testing.T) {
	t.Parallel()
	const nested = "urn:pulumi:prod::orchard::my:component:Web$aws:ec2/vpc:Vpc::net::work"
	if got, want := typeOf(nested), "aws:ec2/vpc:Vpc"; got != want {
		t.Errorf("typeOf = %q, want %q", got, want)
	}
	if got, err := stackOf(nested); got != "prod" || err != nil {
		t.Errorf("stackOf = %q, %v, want prod", got, err)
	}
	for _, bad := range []string{"", "urn:pulumi:", "urn:other:dev::p::t::n", "urn:pulumi:::p"} {
		if got, err := stackOf(bad); err == nil {
			t.Errorf("stackOf(%q) = %q and no error", bad, got)
		}
		_ = typeOf(bad) // does not panic
	}
}

func TestValuesThereAndBack(t *testing.T) {
	t.Parallel()
	in := map[string]any{
		"text": "x", "number": 1.5, "flag": true, "list": []any{"a", 2.0}, "object": map[string]any{"k": "v"},
		"file": map[string]any{assetKey: map[string]any{"sha256": "12", "path": "/tmp/x"}}, "later": Unknown{},
	}
	wire, err := marshal(rich(in, []string{"text", "object"}))
	if err != nil {
		t.Fatal(err)
	}
	got, secrets, err := read(wire)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"object", "text"}, secrets); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
}
