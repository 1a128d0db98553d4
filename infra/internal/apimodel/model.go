package apimodel

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Model is one service's API.
type Model struct {
	Operations map[string]struct {
		Input struct{ Shape string }
	}
	Shapes map[string]Shape
	docs   documentation
}

// Shape is a type of the API. Which fields count depends on Type: structure,
// list, map, string, character, integer, long, float, double, boolean, blob
// or timestamp.
type Shape struct {
	Type     string
	Members  map[string]reference
	Member   reference
	Key      reference
	Value    reference
	Required []string
	Enum     []string
	Pattern  string
	// Min and Max bound a number's value, a text's length and a list's or
	// map's size.
	Min, Max *float64
}

type reference struct{ Shape string }

// ReadModel reads a service's model from the SDK's folder. A service has one
// version there.
func ReadModel(sdk, service string) (*Model, error) {
	folders, err := filepath.Glob(filepath.Join(sdk, "models", "apis", service, "*"))
	if err != nil || len(folders) != 1 {
		return nil, fmt.Errorf("read model of %s: got %d versions in %s, want one", service, len(folders), sdk)
	}
	var model Model
	if err := readJSON(filepath.Join(folders[0], "api-2.json"), &model); err != nil {
		return nil, fmt.Errorf("read model of %s: %w", service, err)
	}
	if err := readJSON(filepath.Join(folders[0], "docs-2.json"), &model.docs); err != nil {
		return nil, fmt.Errorf("read documentation of %s: %w", service, err)
	}
	return &model, nil
}

func readJSON(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// input is the shape of an operation's request.
func (m *Model) input(operation string) (string, error) {
	known, ok := m.Operations[operation]
	if !ok {
		return "", fmt.Errorf("the API has no operation %s", operation)
	}
	return known.Input.Shape, nil
}

// at gives the shape that a path leads to in an operation's request.
func (m *Model) at(operation string, to path) (string, error) {
	shape, err := m.input(operation)
	for _, next := range to {
		if err != nil {
			return "", err
		}
		shape, err = m.step(shape, next)
	}
	return shape, err
}

// keyAt gives the shape of the keys of the map whose element a path leads to.
func (m *Model) keyAt(operation string, to path) (string, error) {
	shape, err := m.at(operation, to[:len(to)-1])
	if err != nil {
		return "", err
	}
	if m.Shapes[shape].Type != "map" {
		return "", fmt.Errorf("%s is a %s, not a map", shape, m.Shapes[shape].Type)
	}
	return m.Shapes[shape].Key.Shape, nil
}

// step gives the shape one step into a shape. A map is entered by a key or by
// a place in the list that Pulumi has in its stead.
func (m *Model) step(shape string, next step) (string, error) {
	outer := m.Shapes[shape]
	switch {
	case next.element && outer.Type == "list":
		return outer.Member.Shape, nil
	case outer.Type == "map":
		return outer.Value.Shape, nil
	case next.element:
		return "", fmt.Errorf("%s is a %s, neither a list nor a map", shape, outer.Type)
	}
	member, ok := outer.Members[next.member]
	if !ok {
		return "", fmt.Errorf("%s has no member %s", shape, next.member)
	}
	return member.Shape, nil
}
