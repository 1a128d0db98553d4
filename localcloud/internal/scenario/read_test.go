package scenario_test

import (
	"strings"
	"testing"

	"orchard/localcloud/internal/scenario"
)

// whole is a scenario in which nothing is wrong.
const whole = `
about: A test.
zones: [a, b]
length: 10m
instance: {boot: 10s, capacity: 100}
group: {min: 2, max: 4, policies: [{metric: cpu, target: 50}]}
load: [{at: 0s, rate: 10}]
events: [{at: 1m, kill: a}]
assert: ["desired == 2 throughout"]
`

func TestRead(t *testing.T) {
	t.Parallel()
	s, err := scenario.Read([]byte(whole))
	if err != nil {
		t.Fatalf("a whole scenario: got %v, want no error", err)
	}
	if s.Topology != "regional" || s.Group.Period.Minutes() != 1 {
		t.Errorf("defaults: got topology %q, period %s, want regional, 1m", s.Topology, s.Group.Period)
	}
}

// TestReadNamesAllThatIsWrong replaces parts of the whole scenario; the error
// must name every fault.
func TestReadNamesAllThatIsWrong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		replaced []string // old and new, in turn
		want     []string
	}{
		{"no YAML", []string{"zones: [a, b]", "zones: [a"}, []string{"read scenario: yaml"}},
		{
			"keys that there are not",
			[]string{"length:", "lenght:", "boot:", "boots:"},
			[]string{"field lenght not found", "field boots not found", "length is 0s"},
		},
		{"not a time", []string{"length: 10m", "length: long"}, []string{"cannot unmarshal", "length is 0s"}},
		{
			"out of range",
			[]string{"length: 10m", "length: 25h", "capacity: 100", "capacity: 0", "max: 4", "max: 1"},
			[]string{"length is 25h0m0s", "capacity is 0", "min is 2, max is 1"},
		},
		{
			"bounds",
			[]string{"max: 4,", "max: 4, grace: -1s, maintenance: {min: 101, max: 150}, rollout: {bounds: {min: 90}},"},
			[]string{"grace is -1s", "maintenance: min is 101", "rollout: bounds: min is 90, max is 0"},
		},
		{"no zones", []string{"zones: [a, b]", "zones: []"}, []string{"zones: there must be one", `zone "a" is none of []`}},
		{"topology", []string{"length:", "topology: global\nlength:"}, []string{`topology is "global"`}},
		{
			"checks",
			[]string{"length:", "check: {interval: 5s, timeout: 6s, healthy: 0}\nlength:"},
			[]string{"timeout is 6s", "healthy threshold is 0"},
		},
		{
			"policies",
			[]string{"{metric: cpu, target: 50}", "{metric: memory, target: 0}"},
			[]string{`policy 1: metric is "memory"`, "policy 1: target is 0"},
		},
		{
			"rules",
			[]string{"policies: [{metric: cpu, target: 50}]", `rules: [{metric: cpu, operator: "=", threshold: 5, window: 1s, change: 0}]`},
			[]string{`rule 1: operator is "="`, "window is 1s", "change is 0"},
		},
		{
			"policies and rules",
			[]string{"policies:", `rules: [{metric: cpu, operator: ">", threshold: 5, window: 5m, change: 1}], policies:`},
			[]string{"has policies and rules"},
		},
		{"load that begins late", []string{"{at: 0s, rate: 10}", "{at: 1s, rate: 10}"}, []string{"the first must be at 0s"}},
		{
			"load",
			[]string{"{at: 0s, rate: 10}", "{at: 0s, rate: -1}, {at: 0s, rate: 1, swing: 5}"},
			[]string{"load at 0s: the rate must not be negative", "must come after", "swing and every belong together"},
		},
		{
			"events",
			[]string{"{at: 1m, kill: a}", "{at: 11m, kill: c}, {at: 2m}, {at: 3m, kill: a, zone up: b}, {at: 4m, release: old}"},
			[]string{"event at 11m0s: the scenario is 10m0s long", `zone "c"`, "event at 2m0s: says 0 things", "event at 3m0s: says 2", `release is "old"`},
		},
		{
			"assertions",
			[]string{
				`"desired == 2 throughout"`,
				`"desired is 2", "luck > 2 at end", "desired == two at end", "desired == 2 at 11m", "desired in a == 1 at end", "cpu > 1 from 3m to 2m"`,
			},
			[]string{
				"must be QUANTITY OPERATOR NUMBER WHEN", `there is no quantity "luck"`, `"two" is not a number`,
				`"11m" is not a time`, `there is no quantity "desired in a"`, "ends before it begins",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := scenario.Read([]byte(strings.NewReplacer(tt.replaced...).Replace(whole)))
			if err == nil {
				t.Fatal("got no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want it to name %q", err, want)
				}
			}
		})
	}
}
