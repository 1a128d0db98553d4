package planned

import (
	"slices"
	"strings"
	"testing"
)

const project = "../../.."

// TestShipped plans every stack that the project ships.
func TestShipped(t *testing.T) {
	names, err := Names(project)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"dev", "dev-azure", "load", "load-azure", "prod", "prod-azure"} {
		if !slices.Contains(names, name) {
			t.Errorf("got stacks %v, want %s among them", names, name)
		}
	}
	for _, name := range names {
		stack, err := Read(project, name, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(stack.Resources) < 10 || stack.Outputs["cloud"] == nil {
			t.Errorf("%s: got %d resources and outputs %v, want at least 10 and a cloud", name, len(stack.Resources), stack.Outputs)
		}
	}
}

func TestSet(t *testing.T) {
	stack, err := Read(project, "dev", map[string]string{"topology": "zonal"})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(stack.Of("aws:autoscaling/group:Group")); got != 3 {
		t.Errorf("got %d scaling groups of the zonal topology, want 3", got)
	}
}

func TestRefuse(t *testing.T) {
	for stack, set := range map[string]map[string]string{"nowhere": nil, "dev": {"extra": "1"}} {
		if _, err := Read(project, stack, set); err == nil || !strings.Contains(err.Error(), stack) {
			t.Errorf("stack %s with %v: got error %v, want one that names the stack", stack, set, err)
		}
	}
}
