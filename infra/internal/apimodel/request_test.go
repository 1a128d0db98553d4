package apimodel

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRequests(t *testing.T) {
	t.Parallel()
	resource := Resource{
		Operation: "Make", Autonamed: "name",
		Properties: map[string]Target{
			"name":            {To: "Name"},
			"parts[].id":      {To: "Parts[].Id"},
			"parts[].sizes[]": {To: "Parts[].Counts[].Count"},
			"internal":        {To: "Scheme", Values: map[string]string{"true": "inside", "false": "outside"}},
			"certificate":     {To: "Certificates[].Arn"},
			"delay":           {To: "Change/Attributes", Attribute: "delay.seconds"},
			"algorithm":       {To: "Change/Attributes", Attribute: "algorithm.type"},
			"absent":          {To: "Absent/Member"},
			"actions[].name":  {To: "Actions[]", Key: true},
			"rules[].port":    {To: "Rule[]/Ports[]"},
			"rules[].way":     {To: "Rule[]/Way"},
		},
	}
	got := resource.requests("app", map[string]any{
		"parts":       []any{map[string]any{"sizes": []any{1., 2.}}, map[string]any{"id": "b"}},
		"internal":    true,
		"certificate": "arn",
		"delay":       30.,
		"rules":       []any{map[string]any{"port": 80., "way": "in"}, map[string]any{"port": 443.}},
		"actions":     []any{map[string]any{"name": "stop"}},
		"algorithm":   "round_robin",
	})
	want := []*request{
		{
			operation: "Make",
			body: map[string]any{
				"Name":         "app-0123456",
				"Scheme":       "inside",
				"Certificates": []any{map[string]any{"Arn": "arn"}},
				"Parts": []any{
					map[string]any{"Counts": []any{map[string]any{"Count": 1.}, map[string]any{"Count": 2.}}},
					map[string]any{"Id": "b"},
				},
			},
			origins: map[string]string{
				"Actions[0] key": "actions[0].name", "Name": "name", "Scheme": "internal", "Certificates[0].Arn": "certificate", "Parts[1].Id": "parts[1].id",
				"Parts[0].Counts[0].Count": "parts[0].sizes[0]", "Parts[0].Counts[1].Count": "parts[0].sizes[1]",
			},
			keys: []key{{to: path{{member: "Actions"}, {element: true}}, place: "Actions[0] key", value: "stop"}},
		},
		{
			operation: "Change",
			body: map[string]any{"Attributes": []any{
				map[string]any{"Key": "algorithm.type", "Value": "round_robin"},
				map[string]any{"Key": "delay.seconds", "Value": 30.},
			}},
			origins: map[string]string{"Attributes[0]": "algorithm", "Attributes[1]": "delay"},
		},
		{
			operation: "Rule", element: "rules[0]",
			body:    map[string]any{"Ports": []any{80.}, "Way": "in"},
			origins: map[string]string{"Ports[0]": "rules[0].port", "Way": "rules[0].way"},
		},
		{
			operation: "Rule", element: "rules[1]",
			body:    map[string]any{"Ports": []any{443.}},
			origins: map[string]string{"Ports[0]": "rules[1].port"},
		},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(request{}, key{}, step{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := got[1].origin("Attributes[1].Value"); got != "delay" {
		t.Errorf("got origin %q of Attributes[1].Value, want delay", got)
	}
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	checker := Checker{services: []service{{mapping: Mapping{Resources: map[string]Resource{"aws:a:A": {
		Own: []string{"wait"}, Properties: map[string]Target{"tags": {}, "parts[].id": {}},
	}}}}}}
	var coverage Coverage
	for range 2 {
		checker.Count(&coverage, "aws:a:A", map[string]any{
			"tags": map[string]any{"Name": "app"}, "wait": true,
			"parts": []any{map[string]any{"id": "a", "size": 1.}, map[string]any{"id": "b"}},
		})
	}
	want := Coverage{
		Mapped:   map[string]bool{"aws:a:A tags.Name": true, "aws:a:A parts[].id": true},
		Own:      map[string]bool{"aws:a:A wait": true},
		Unmapped: map[string]bool{"aws:a:A parts[].size": true},
	}
	if diff := cmp.Diff(want, coverage); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := coverage.Share(); got != 0.25 {
		t.Errorf("got a share of %v, want 0.25", got)
	}
}
