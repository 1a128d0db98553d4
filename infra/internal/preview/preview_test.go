package preview

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/planned"
)

// some is the JSON of a saved plan in which a rule lets one group into another.
const some = `{"resourcePlans": {
	"urn:pulumi:dev::orchard::pulumi:pulumi:Stack::orchard-dev": {"goal": {
		"type": "pulumi:pulumi:Stack", "name": "orchard-dev",
		"outputDiff": {"adds": {"id": "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "zones": ["a", "b"]}}}},
	"urn:pulumi:dev::orchard::cloud:Rule::let-in": {"goal": {
		"type": "cloud:Rule", "name": "let-in", "protect": true, "ignoreChanges": ["port"],
		"parent": "urn:pulumi:dev::orchard::pulumi:pulumi:Stack::orchard-dev",
		"dependencies": ["urn:pulumi:dev::orchard::cloud:Group::db", "urn:pulumi:dev::orchard::cloud:Route::out"],
		"propertyDependencies": {"from": ["urn:pulumi:dev::orchard::cloud:Group::db"]},
		"inputDiff": {"adds": {
			"__defaults": ["name"], "port": 5432, "quoted": "5432", "open": false, "none": null, "tags": {}, "list": [],
			"from": "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "new": "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
			"groups": [{"id": "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "name": "one"}, {"name": "two"}],
			"policy": "{\"b\": [1, {\"c\": \"<d>\"}], \"a\": true}",
			"userData": "IyEvYmluL2Jhc2gKCmVjaG8gaGkK",
			"password": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "hunter2"},
			"hidden": "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
			"content": {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "path": "/tmp/x", "hash": "abc"}
		}}}}}}`

func madeUp(from string) planned.Stack {
	return planned.Stack{
		Name:    "dev",
		Outputs: map[string]any{"id": "id-1"},
		Resources: []fakecloud.Resource{{Type: "cloud:Rule", Name: "let-in", Inputs: resource.PropertyMap{
			"from":   resource.NewStringProperty(from),
			"groups": resource.NewArrayProperty([]resource.PropertyValue{resource.NewObjectProperty(resource.PropertyMap{"id": resource.NewStringProperty("group-one")})}),
			"hidden": resource.MakeSecret(resource.NewStringProperty("hunter2")),
		}}},
	}
}

const shown = `# What goes up as stack dev where nothing is yet, written by make preview UPDATE=1.
# What is behind <unknown> is made up from names.

pulumi:pulumi:Stack orchard-dev
  outputs:
    id: <unknown> "id-1"
    zones:
      - "a"
      - "b"

  cloud:Rule let-in
    (protected)
    (ignores changes of port)
    (after cloud:Route out)
    content: file abc
    from: <unknown> "group-db"
    groups:
      - id: <unknown> "group-one"
        name: "one"
      - name: "two"
    hidden: <unknown> <secret>
    list: []
    new: <unknown>
    none: null
    open: false
    password: <secret>
    policy: json
      a: true
      b:
        - 1
        - c: "<d>"
    port: 5432
    quoted: "5432"
    tags: {}
    userData: |
      #!/bin/bash

      echo hi
`

func TestText(t *testing.T) {
	t.Parallel()
	got, err := Text([]byte(some), madeUp("group-db"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(shown, got); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

// TestTextOfAnotherGroup sees a rule that is for another group, although the
// engine knows neither's id.
func TestTextOfAnotherGroup(t *testing.T) {
	t.Parallel()
	got, err := Text([]byte(some), madeUp("group-app"))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(shown, "group-db", "group-app", 1); got != want {
		t.Errorf("got\n%s\nwant the other group and nothing else different:\n%s", got, cmp.Diff(want, got))
	}
}

func TestTextRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ plan, want string }{
		{"[]", "read plan: "},
		{`{"resourcePlans": {"urn:pulumi:dev::orchard::cloud:Rule::old": {"steps": ["delete"]}}}`, "it deletes urn:pulumi:dev::orchard::cloud:Rule::old"},
	} {
		if text, err := Text([]byte(c.plan), planned.Stack{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("plan %s: got %q, %v, want an error with %q", c.plan, text, err, c.want)
		}
	}
}
