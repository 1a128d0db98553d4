package workflows

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// workflow is what the rules are about.
type workflow struct {
	On          any
	Permissions map[string]string
	Jobs        map[string]struct {
		Permissions map[string]string
		Steps       []struct{ Run, Uses string }
	}
}

// workflows gives the text and the content of each by file name.
func workflows(t *testing.T) (texts map[string]string, contents map[string]workflow) {
	t.Helper()
	files, err := filepath.Glob("../../../.github/workflows/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("find workflows: got %v, %v", files, err)
	}
	texts, contents = map[string]string{}, map[string]workflow{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var w workflow
		if err := yaml.Unmarshal(text, &w); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		texts[filepath.Base(file)], contents[filepath.Base(file)] = string(text), w
	}
	return texts, contents
}

var (
	uses   = regexp.MustCompile(`(?m)uses: (.*)$`)
	pinned = regexp.MustCompile(`^([\w-]+/[\w-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)$`)
)

// TestActionsPinned holds every action to one commit everywhere, with the
// version that it is.
func TestActionsPinned(t *testing.T) {
	t.Parallel()
	texts, _ := workflows(t)
	versions := map[string]string{}
	for name, text := range texts {
		for _, found := range uses.FindAllStringSubmatch(text, -1) {
			pin := pinned.FindStringSubmatch(found[1])
			if pin == nil {
				t.Errorf("%s uses %q, want OWNER/NAME@COMMIT # vX.Y.Z", name, found[1])
				continue
			}
			if other, ok := versions[pin[1]]; ok && other != pin[2] {
				t.Errorf("%s uses %s@%s, another workflow %s", name, pin[1], pin[2], other)
			}
			versions[pin[1]] = pin[2]
		}
	}
}

// TestNoStoredKeys: what a workflow may do, it may by what GitHub and the
// clouds make of its identity.
func TestNoStoredKeys(t *testing.T) {
	t.Parallel()
	texts, contents := workflows(t)
	for name, text := range texts {
		if strings.Contains(text, "secrets.") {
			t.Errorf("%s reads a stored secret", name)
		}
		if strings.Contains(text, "pull_request_target") {
			t.Errorf("%s runs for pull requests with the rights of the base", name)
		}
		if contents[name].Permissions == nil {
			t.Errorf("%s says nothing of permissions, so it has what the repository gives", name)
		}
	}
}

// TestRightsApart: code of a pull request runs in no job that may write.
func TestRightsApart(t *testing.T) {
	t.Parallel()
	_, contents := workflows(t)
	if got := contents["preview.yml"].Permissions; len(got) != 1 || got["contents"] != "read" {
		t.Errorf("preview.yml, which runs what a fork sends, has permissions %v, want contents: read alone", got)
	}
	writes := 0
	for name, w := range contents {
		for id, job := range w.Jobs {
			if job.Permissions["pull-requests"] != "write" {
				continue
			}
			writes++
			if job.Permissions["id-token"] != "" {
				t.Errorf("job %s of %s may both comment and go to a cloud", id, name)
			}
			for _, step := range job.Steps {
				if strings.Contains(step.Run, "make") || strings.Contains(step.Run, "cloud-") || strings.Contains(step.Run, "preview-diff") {
					t.Errorf("job %s of %s may write and runs %s", id, name, step.Run)
				}
			}
		}
	}
	if writes != 2 {
		t.Errorf("got %d jobs that comment, want 2", writes)
	}
}

// TestStepsAreScripts: a step that is a script runs here too.
func TestStepsAreScripts(t *testing.T) {
	t.Parallel()
	_, contents := workflows(t)
	for name, w := range contents {
		for id, job := range w.Jobs {
			for _, step := range job.Steps {
				if step.Run == "" {
					continue
				}
				script, _, _ := strings.Cut(step.Run, " ")
				if _, err := os.Stat(filepath.Join("../../..", script)); err != nil || strings.Contains(step.Run, "\n") {
					t.Errorf("job %s of %s runs %q, want one line that begins with a script: %v", id, name, step.Run, err)
				}
			}
		}
	}
}
