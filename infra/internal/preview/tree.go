package preview

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// tree is the resources of a plan by parent.
type tree struct {
	children map[resource.URN][]node
	// madeUp are planned inputs by the resource's title.
	madeUp  map[string]resource.PropertyMap
	outputs resource.PropertyMap
}

// node is one resource of the plan.
type node struct {
	urn  resource.URN
	goal *apitype.GoalV1
}

func title(token, name string) string { return token + " " + name }

// below shows the resources of one parent, each with what is below it.
func (t tree) below(parent resource.URN) []string {
	nodes := t.children[parent]
	slices.SortFunc(nodes, func(a, b node) int {
		return cmp.Or(cmp.Compare(a.goal.Type, b.goal.Type), cmp.Compare(a.goal.Name, b.goal.Name))
	})
	var lines []string
	for _, n := range nodes {
		lines = append(lines, "", title(string(n.goal.Type), n.goal.Name))
		lines = append(lines, indent(t.inside(n.goal))...)
		lines = append(lines, indent(t.below(n.urn))...)
	}
	return lines
}

// inside is the resource itself: its options, its inputs and, of the stack,
// the outputs.
func (t tree) inside(goal *apitype.GoalV1) []string {
	madeUp := t.madeUp[title(string(goal.Type), goal.Name)]
	lines := append(options(goal), properties(goal.InputDiff.Adds, madeUp)...)
	if len(goal.OutputDiff.Adds) > 0 {
		lines = append(lines, "outputs:")
		lines = append(lines, indent(properties(goal.OutputDiff.Adds, t.outputs))...)
	}
	return lines
}

// options are what the engine is told beside the inputs.
func options(goal *apitype.GoalV1) []string {
	var lines []string
	if goal.Protect {
		lines = append(lines, "(protected)")
	}
	if goal.DeleteBeforeReplace != nil && *goal.DeleteBeforeReplace {
		lines = append(lines, "(deleted before it is replaced)")
	}
	if t := goal.CustomTimeouts; t.IsNotEmpty() {
		lines = append(lines, fmt.Sprintf("(seconds to create %g, update %g, delete %g; 0 is the provider's own)", t.Create, t.Update, t.Delete))
	}
	for _, name := range slices.Sorted(slices.Values(goal.IgnoreChanges)) {
		lines = append(lines, "(ignores changes of "+name+")")
	}
	return append(lines, after(goal)...)
}

// after are the resources that are waited for although no input needs them.
func after(goal *apitype.GoalV1) []string {
	implied := map[resource.URN]bool{}
	for _, needs := range goal.PropertyDependencies {
		for _, urn := range needs {
			implied[urn] = true
		}
	}
	var lines []string
	for _, urn := range goal.Dependencies {
		if !implied[urn] {
			lines = append(lines, "(after "+title(string(urn.Type()), urn.Name())+")")
		}
	}
	slices.Sort(lines)
	return lines
}
