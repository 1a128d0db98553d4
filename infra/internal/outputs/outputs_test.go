package outputs

import (
	"encoding/json"
	"strings"
	"testing"

	"orchard/infra/internal/golden"
)

func TestSchemaIsTheDocumentedOne(t *testing.T) {
	t.Parallel()
	schema, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "../../../docs/outputs.schema.json", string(text)+"\n")
}

// whole has every key, as the engine gives it.
func whole(t *testing.T) map[string]any {
	t.Helper()
	text, err := json.Marshal(Stack{
		SchemaVersion: SchemaVersion, Cloud: "aws", Zones: []string{"a"}, PublicSubnets: []string{"s"},
		ScalingGroups: []ScalingGroup{{Name: "g", Zones: []string{"a"}, Min: 1, Max: 2}},
		Alarms:        []string{}, Dashboards: []string{}, FaultTemplates: []string{},
	})
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]any
	if err := json.Unmarshal(text, &values); err != nil {
		t.Fatal(err)
	}
	return values
}

func TestDecode(t *testing.T) {
	t.Parallel()
	got, err := Decode(whole(t))
	if err != nil || got.ScalingGroups[0].Max != 2 {
		t.Errorf("whole outputs: got %+v, %v", got, err)
	}
}

// TestEveryKeyIsRequired takes each key away in turn.
func TestEveryKeyIsRequired(t *testing.T) {
	t.Parallel()
	for key := range whole(t) {
		values := whole(t)
		delete(values, key)
		if _, err := Decode(values); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("without %s: got error %v, want one that names it", key, err)
		}
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(map[string]any){
		"another key":     func(v map[string]any) { v["password"] = "x" },
		"a null list":     func(v map[string]any) { v["alarms"] = nil },
		"a null text":     func(v map[string]any) { v["url"] = nil },
		"a nested key":    func(v map[string]any) { v["database"].(map[string]any)["password"] = "x" },
		"a number's text": func(v map[string]any) { v["schemaVersion"] = "1" },
	} {
		values := whole(t)
		change(values)
		if _, err := Decode(values); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}
