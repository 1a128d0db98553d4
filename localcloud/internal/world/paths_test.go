package world

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBlocksAt(t *testing.T) {
	t.Parallel()
	blocks := Blocks{
		{Zone: "a", End: "db", Far: "b"}: {Why: "a to b"},
		{Zone: "b", End: "db"}:           {Why: "b to any"},
		{End: DestObjects}:               {Why: "any to the store"},
	}
	for path, want := range map[Path]string{
		{Zone: "a", End: "db", Far: "b"}:    "a to b",
		{Zone: "a", End: "db", Far: "a"}:    "",
		{Zone: "a", End: "db"}:              "", // no primary
		{Zone: "b", End: "db", Far: "c"}:    "b to any",
		{Zone: "c", End: "db", Far: "b"}:    "",
		{Zone: "c", End: DestObjects}:       "any to the store",
		{Zone: "a", End: DestInternet}:      "",
		{Zone: "b", End: "other", Far: "b"}: "",
	} {
		block, blocked := blocks.at(path)
		if block.Why != want || blocked != (want != "") {
			t.Errorf("%+v: got %q, %t; want %q", path, block.Why, blocked, want)
		}
	}
}

// A balancer reaches an instance as long as one of its nodes does, or that of
// the instance's zone where nodes keep to theirs.
func TestBlocksFromBalancer(t *testing.T) {
	t.Parallel()
	regional := Balancer{Zones: []string{"a", "b"}}
	half := Blocks{{Zone: "a", End: "p", Far: "b"}: {Why: "node b"}}
	whole := Blocks{{Zone: "a", End: "p", Far: "a"}: {Why: "node a"}, {Zone: "a", End: "p", Far: "b"}: {Why: "node b"}}
	all := Blocks{{End: "p"}: {Why: "all"}}
	for name, c := range map[string]struct {
		blocks    Blocks
		balancer  Balancer
		crossZone bool
		zone      string
		want      string
	}{
		"open":                          {Blocks{}, regional, true, "a", ""},
		"one node has a way":            {half, regional, true, "a", ""},
		"no node has":                   {whole, regional, true, "a", "node b"},
		"another zone":                  {whole, regional, true, "b", ""},
		"own node has, nodes keep":      {half, regional, false, "a", ""},
		"own node has not, nodes keep":  {whole, regional, false, "a", "node a"},
		"all zones":                     {all, regional, true, "b", "all"},
		"a balancer without zones":      {all, Balancer{}, true, "b", "all"},
		"a balancer without zones open": {whole, Balancer{}, true, "b", ""},
	} {
		got, blocked := c.blocks.fromBalancer(c.balancer, lead{pool: "p", crossZone: c.crossZone}, c.zone)
		if got.Why != c.want || blocked != (c.want != "") {
			t.Errorf("%s: got %q, %t; want %q", name, got.Why, blocked, c.want)
		}
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	w := openWorld(t, worldFolder(t))
	w.declared.Balancers = map[string]Balancer{
		"b": {ID: "b", Name: "public", Layer: 7, Listeners: []Listener{{ID: "l", Pool: "p"}}, Blocked: Blocks{{Zone: "c", End: "l"}: {Why: "no rule in"}}},
	}
	w.declared.Databases = map[string]Database{"d": {ID: "d", Name: "fruit"}}
	w.declared.Groups = map[string]Group{"g": {
		ID: "g", Name: "app",
		Blocked: Blocks{
			{Zone: "b", End: "d", Far: "a"}: {Why: "no rule out"}, {Zone: "a", End: "d", Far: "a"}: {Why: "no rule out"},
			{Zone: "a", End: "d", Far: "b"}: {Why: "no rule out"}, {Zone: "c", End: "d", Far: "b"}: {Why: "a list"},
			{End: DestInternet}: {Why: "no route"},
		},
		BlockedFrom:   Blocks{{Zone: "a", End: "p", Far: "a"}: {Why: "no port"}},
		BlockedChecks: Blocks{{Zone: "a", End: "p", Far: "a"}: {Why: "no port"}, {Zone: "b", End: "p", Far: "a"}: {Why: "no check"}},
	}}
	w.actual.refused["g"] = refusal{"no right", time.Now()}
	want := []Problem{
		{"clients to balancer public", []string{"c"}, "no rule in"},
		{"balancer public to group app", []string{"a"}, "no port"},
		{"health check of balancer public to group app", []string{"b"}, "no check"},
		{"group app to database fruit", []string{"c"}, "a list"},
		{"group app to database fruit", []string{"a", "b"}, "no rule out"},
		{"group app to the internet", nil, "no route"},
		{"group app to its cloud", nil, "no right"},
	}
	if diff := cmp.Diff(want, w.Status().Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	w.actual.refused["g"] = refusal{"no rule out", time.Now()} // by a path that is blocked: it is told once
	if got := len(w.Status().Problems); got != len(want)-1 {
		t.Errorf("problems when a path's own sentence was refused: got %d, want %d", got, len(want)-1)
	}
	w.actual.refused["g"] = refusal{"no right", time.Now().Add(-refusedFor)}
	if got := len(w.Status().Problems); got != len(want)-1 {
		t.Errorf("problems long after the last refusal: got %d, want %d", got, len(want)-1)
	}
}

// What the network makes of a group is no change of the group, from which
// repairs would wait anew.
func TestRulesAreNoChangeOfAGroup(t *testing.T) {
	t.Parallel()
	blocks := Blocks{{End: "d"}: {Why: "no rule"}}
	blocked := Group{ID: "g", Max: 3, Blocked: blocks, BlockedFrom: blocks, BlockedChecks: blocks}
	if diff := cmp.Diff(Group{ID: "g", Max: 3}, blocked.itself()); diff != "" {
		t.Errorf("the group itself (-want +got):\n%s", diff)
	}
}
