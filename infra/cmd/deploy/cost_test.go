package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"orchard/infra/internal/cost"
)

func TestCost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		arguments []string
		stacks    []string
		fleets    int
	}{
		{[]string{"--stack", "prod"}, []string{"prod"}, 0},
		{[]string{"--stack", "load"}, []string{"load"}, 3},
		{nil, []string{"dev", "dev-azure", "load", "load-azure", "prod", "prod-azure"}, 6},
	} {
		var stdout, stderr bytes.Buffer
		arguments := append([]string{"cost", "--json", "--project", checkout(t)}, test.arguments...)
		if err := run(t.Context(), arguments, func(string) string { return "" }, &stdout, &stderr); err != nil {
			t.Fatalf("%v: %v", arguments, err)
		}
		var got cost.Report
		if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
			t.Fatalf("%v: %v in %s", arguments, err, stdout.String())
		}
		var stacks []string
		for _, each := range got.Stacks {
			stacks = append(stacks, each.Stack)
		}
		if strings.Join(stacks, " ") != strings.Join(test.stacks, " ") || len(got.Fleets) != test.fleets {
			t.Errorf("%v: got stacks %v and %d fleets, want %v and %d", arguments, stacks, len(got.Fleets), test.stacks, test.fleets)
		}
	}
}

func TestCostRefuses(t *testing.T) {
	t.Parallel()
	for want, arguments := range map[string][]string{
		"nowhere":                 {"--stack", "nowhere"},
		"orchard:fruit":           {"--stack", "dev", "--config", "fruit=apple"},
		`"instance t4g.gigantic"`: {"--stack", "dev", "--config", "instanceType=t4g.gigantic"},
	} {
		var stdout, stderr bytes.Buffer
		err := run(t.Context(), append([]string{"cost", "--project", checkout(t)}, arguments...), func(string) string { return "" }, &stdout, &stderr)
		if err == nil || !strings.Contains(err.Error(), want) || stdout.Len() > 0 {
			t.Errorf("%v: got error %v and %d bytes, want an error with %s and nothing", arguments, err, stdout.Len(), want)
		}
	}
}
