// Package preview writes what the engine plans for a stack as text of which
// every line says one thing, so that two plans are compared line by line.
//
// The plan is what `pulumi preview --save-plan` keeps: the inputs as the
// provider has checked them, the unknown and the secret ones marked. A plan
// made from nothing knows no id, so that it does not say which group a rule is
// for, or what is in a policy or a script that has an id in it. Where the plan
// has an unknown, the text therefore says so and shows what package planned has
// in that place, whose ids are made up from names.
//
// It never shows a secret, scripts and JSON as what they hold, and resources
// below their parents in the order of types and names. It leaves out what says
// nothing about the stack: dependencies that follow from inputs, aliases, and
// which of a program's providers makes a resource.
package preview

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"orchard/infra/internal/planned"
)

// Text shows a saved plan of a stack that is planned with the release of
// package planned. The planned stack stands in for what is unknown.
func Text(saved []byte, stack planned.Stack) (string, error) {
	var plan apitype.DeploymentPlanV1
	if err := json.Unmarshal(saved, &plan); err != nil {
		return "", fmt.Errorf("read plan: %w", err)
	}
	t := tree{children: map[resource.URN][]node{}, madeUp: map[string]resource.PropertyMap{}}
	for urn, each := range plan.ResourcePlans {
		if each.Goal == nil {
			return "", fmt.Errorf("read plan: it deletes %s, so it is not one of a stack that goes up from nothing", urn)
		}
		t.children[each.Goal.Parent] = append(t.children[each.Goal.Parent], node{urn, each.Goal})
	}
	for _, each := range stack.Resources {
		t.madeUp[title(each.Type, each.Name)] = each.Inputs
	}
	var err error
	if t.outputs, err = propertyMap(stack.Outputs); err != nil {
		return "", fmt.Errorf("read planned outputs: %w", err)
	}
	lines := append([]string{
		"# What goes up as stack " + stack.Name + " where nothing is yet, written by make preview UPDATE=1.",
		"# What is behind <unknown> is made up from names.",
	}, t.below("")...)
	return withoutRelease(strings.Join(lines, "\n")+"\n", stack.Release), nil
}

// propertyMap gives the outputs the types that inputs have.
func propertyMap(values map[string]any) (resource.PropertyMap, error) {
	text, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	var plain map[string]any
	if err := json.Unmarshal(text, &plain); err != nil {
		return nil, err
	}
	return resource.NewPropertyMapFromMap(plain), nil
}

// withoutRelease takes out the digest of a release that nobody runs.
func withoutRelease(text string, release []byte) string {
	sum := sha256.Sum256(release)
	return strings.ReplaceAll(text, hex.EncodeToString(sum[:]), "<release>")
}
