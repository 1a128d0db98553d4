package program

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
)

// TestProject: what `pulumi up` runs in the checkout is this package's Run,
// through infra/main.go.
func TestProject(t *testing.T) {
	t.Parallel()
	const root = "../../.."
	project, err := workspace.LoadProject(filepath.Join(root, "Pulumi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if project.Name != "orchard" || project.Runtime.Name() != "go" || project.Main != "infra" {
		t.Errorf("project: got %s, runtime %s, main %s, want orchard, go, infra", project.Name, project.Runtime.Name(), project.Main)
	}
	main, err := os.ReadFile(filepath.Join(root, project.Main, "main.go"))
	if err != nil || !strings.Contains(string(main), "program.Run(ctx, names)") {
		t.Errorf("main program: got %v, want one that calls program.Run", err)
	}
}

// TestEveryKeyIsDescribed: a key without type, default or description is a
// riddle to who sets it.
func TestEveryKeyIsDescribed(t *testing.T) {
	t.Parallel()
	project, err := workspace.LoadProject("../../../Pulumi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for key, declared := range project.Config {
		if strings.Contains(key, ":") {
			continue
		}
		if declared.Type == nil || declared.Default == nil || declared.Description == "" {
			t.Errorf("key %s lacks a type, a default or a description", key)
		}
	}
}
