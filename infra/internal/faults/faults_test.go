package faults

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const originals = "../../../loadrunner/drills/fis"

// TestCopies holds the files to those that the load runner writes.
func TestCopies(t *testing.T) {
	t.Parallel()
	want, have := names(t, originals), names(t, "fis")
	if diff := cmp.Diff(want, have); diff != "" {
		t.Fatalf("fault templates (-%s +here); copy the files:\n%s", originals, diff)
	}
	for _, name := range want {
		original, err := os.ReadFile(filepath.Join(originals, name))
		if err != nil {
			t.Fatal(err)
		}
		own, err := os.ReadFile(filepath.Join("fis", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(original, own) {
			t.Errorf("%s is not what %s holds; copy the file", name, originals)
		}
	}
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, each := range entries {
		found = append(found, each.Name())
	}
	return found
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	all, err := Templates("prod", []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, each := range all {
		got = append(got, each.Name)
	}
	want := []string{"database-failover", "instance-kill", "launch-failure-a", "launch-failure-b", "port-block-a", "port-block-b", "zone-loss-a", "zone-loss-b"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("templates of two zones (-want +got):\n%s", diff)
	}
}

// TestTemplatesAreWhole holds each template to what the service refuses
// otherwise: targets that are there, one at most for an action, actions to
// start after, and tags that keep the fault to the stack.
func TestTemplatesAreWhole(t *testing.T) {
	t.Parallel()
	all, err := Templates("prod", []string{"eu-central-1a"})
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range all {
		if diff := cmp.Diff([]StopCondition{{"aws:cloudwatch:alarm", "${alarm}"}}, each.StopConditions); diff != "" {
			t.Errorf("%s: stop conditions (-want +got):\n%s", each.Name, diff)
		}
		for name, target := range each.Targets {
			if target.ResourceTags["Project"] != "orchard" || target.ResourceTags["Stack"] != "prod" {
				t.Errorf("%s: target %s has the tags %v, want those of the stack prod", each.Name, name, target.ResourceTags)
			}
			for _, filter := range target.Filters {
				if strings.Contains(strings.Join(filter.Values, " "), "${") {
					t.Errorf("%s: target %s asks for %v, want every name filled in", each.Name, name, filter.Values)
				}
			}
		}
		checkActions(t, each)
	}
}

func checkActions(t *testing.T, template Template) {
	t.Helper()
	for name, action := range template.Actions {
		if len(action.Targets) > 1 {
			t.Errorf("%s: action %s has %d targets, want at most one", template.Name, name, len(action.Targets))
		}
		for _, target := range action.Targets {
			if _, ok := template.Targets[target]; !ok {
				t.Errorf("%s: action %s names the target %s, want one of %v", template.Name, name, target, template.Targets)
			}
		}
		for _, before := range action.StartAfter {
			if _, ok := template.Actions[before]; !ok {
				t.Errorf("%s: action %s starts after %s, which is not there", template.Name, name, before)
			}
		}
	}
}

func TestRefuseUnknownKey(t *testing.T) {
	t.Parallel()
	if got, err := decode([]byte(`{"surprise":1}`), "prod", ""); err == nil {
		t.Errorf("a template with an unknown key: got %+v, want an error", got)
	}
}
