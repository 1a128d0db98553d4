package planned

import (
	"strings"
	"testing"
)

const project = "../../.."

// shipped plans every stack that the project ships.
func shipped(t *testing.T) map[string]Stack {
	t.Helper()
	names, err := Names(project)
	if err != nil {
		t.Fatal(err)
	}
	stacks := map[string]Stack{}
	for _, name := range names {
		if stacks[name], err = Read(project, name, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	return stacks
}

func TestShipped(t *testing.T) {
	stacks := shipped(t)
	for _, name := range []string{"dev", "dev-azure", "load", "load-azure", "prod", "prod-azure"} {
		if _, ok := stacks[name]; !ok {
			t.Errorf("got no stack %s", name)
		}
	}
	for name, stack := range stacks {
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
