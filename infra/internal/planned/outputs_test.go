package planned

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orchard/infra/internal/outputs"
)

// asRead gives a stack's outputs as its readers get them, by JSON.
func asRead(t *testing.T, stack Stack) (text string, values map[string]any) {
	t.Helper()
	encoded, err := json.Marshal(stack.Outputs)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(encoded, &values); err != nil {
		t.Fatal(err)
	}
	return string(encoded), values
}

// TestOutputsAreTheContract holds every shipped stack to the type and the
// schema of package outputs: the same keys at every level on both clouds.
func TestOutputsAreTheContract(t *testing.T) {
	for name, stack := range shipped(t) {
		_, values := asRead(t, stack)
		decoded, err := outputs.Decode(values)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := decoded.SchemaVersion; got != outputs.SchemaVersion {
			t.Errorf("%s: got schema version %d, want %d", name, got, outputs.SchemaVersion)
		}
		want := "aws"
		if strings.HasSuffix(name, "-azure") {
			want = "azure"
		}
		if decoded.Cloud != want {
			t.Errorf("%s: got cloud %s, want %s", name, decoded.Cloud, want)
		}
	}
}

// TestBothCloudsGiveTheSameOutputs compares the keys of each stack with those
// of its twin on the other cloud.
func TestBothCloudsGiveTheSameOutputs(t *testing.T) {
	stacks := shipped(t)
	for name, stack := range stacks {
		twin, ok := stacks[name+"-azure"]
		if !ok {
			continue
		}
		want, got := keys(stack), keys(twin)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("keys of %s and of its twin on Azure (-%s +twin):\n%s", name, name, diff)
		}
	}
}

func keys(stack Stack) []string { return slices.Sorted(maps.Keys(stack.Outputs)) }

// TestOutputsHoldNothingSecret: no output is marked as a secret, and none has
// the write token or what only a secret would look like in it.
func TestOutputsHoldNothingSecret(t *testing.T) {
	for name, stack := range shipped(t) {
		if len(stack.SecretOutputs) > 0 {
			t.Errorf("%s: the outputs %q are secret, want none", name, stack.SecretOutputs)
		}
		text, _ := asRead(t, stack)
		for _, secret := range []string{WriteToken, "password", "PRIVATE KEY", "AccountKey=", "sig="} {
			if strings.Contains(text, secret) {
				t.Errorf("%s: the outputs hold %q: %s", name, secret, text)
			}
		}
	}
}

// TestServicesAreWatched: a service has alarms and one page of charts, and a
// fleet of load runners has neither.
func TestServicesAreWatched(t *testing.T) {
	for name, stack := range shipped(t) {
		_, values := asRead(t, stack)
		alarms, dashboards := values["alarms"].([]any), values["dashboards"].([]any)
		if service := !strings.HasPrefix(name, "load"); service != (len(alarms) > 0) || service != (len(dashboards) == 1) {
			t.Errorf("%s: got %d alarms and %d dashboards, want them of a service alone", name, len(alarms), len(dashboards))
		}
		for _, address := range dashboards {
			if !strings.HasPrefix(address.(string), "https://") {
				t.Errorf("%s: got the dashboard %v, want an address", name, address)
			}
		}
	}
}
