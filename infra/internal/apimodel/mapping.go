package apimodel

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed mapping/*.yaml
var mappingFiles embed.FS

// Mapping says for one service what resources' properties become.
type Mapping struct {
	// Service is the folder's name in the SDK.
	Service string
	// Resources by their Pulumi type.
	Resources map[string]Resource
	// Limits are the documentation's, by "Structure.Member", or by
	// "Structure.Value[key]" for a list of attributes.
	Limits map[string]Limit
}

// Resource says what one type's properties become.
type Resource struct {
	// Operation is the one that makes the resource.
	Operation string
	// Autonamed is the property for which the provider makes up a value from
	// the resource's name when it is not given.
	Autonamed string
	// Given are members that the provider fills in, such as the id of what
	// the operation before has made.
	Given []string
	// Own are properties that only steer the provider: no request has them.
	Own []string
	// Properties by path.
	Properties map[string]Target
}

// Target is where a property's value goes. In YAML it is a text, which is To,
// or an object.
type Target struct {
	// To is a path in the request of the resource's operation, or of another
	// one that stands before a slash. An operation with [] is asked once for
	// each element of the property's first list.
	To string
	// Attribute is the key, when To is a list of attributes with Key and
	// Value.
	Attribute string
	// Key says that the value is the key of what To leads to in a map.
	Key bool
	// Values translates, when the API has other words than the property.
	Values map[string]string
}

// UnmarshalYAML reads both forms.
func (t *Target) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&t.To)
	}
	type plain Target
	return node.Decode((*plain)(t))
}

// split gives the target's operation and path, and whether each element of
// the first list has a request of its own.
func (r Resource) split(target Target) (operation string, to path, repeated bool) {
	operation, rest, other := strings.Cut(target.To, "/")
	if !other {
		operation, rest = r.Operation, target.To
	}
	operation, repeated = strings.CutSuffix(operation, "[]")
	return operation, parsePath(rest), repeated
}

func readMappings() ([]Mapping, error) {
	names, err := fs.Glob(mappingFiles, "mapping/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list mappings: %w", err)
	}
	var mappings []Mapping
	for _, name := range names {
		text, err := mappingFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read mapping: %w", err)
		}
		mapping, err := parseMapping(text)
		if err != nil {
			return nil, fmt.Errorf("read mapping %s: %w", name, err)
		}
		mappings = append(mappings, mapping)
	}
	return mappings, nil
}

func parseMapping(text []byte) (Mapping, error) {
	var mapping Mapping
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	err := decoder.Decode(&mapping)
	return mapping, err
}

// resolve refuses a mapping that leads to what the model does not have.
func (m Mapping) resolve(model *Model) error {
	for _, token := range slices.Sorted(maps.Keys(m.Resources)) {
		resource := m.Resources[token]
		for _, property := range slices.Sorted(maps.Keys(resource.Properties)) {
			if err := resource.resolve(model, property, resource.Properties[property]); err != nil {
				return fmt.Errorf("%s: %s: %w", token, property, err)
			}
		}
	}
	for _, place := range slices.Sorted(maps.Keys(m.Limits)) {
		if err := m.Limits[place].resolve(model, place); err != nil {
			return fmt.Errorf("limit of %s: %w", place, err)
		}
	}
	return nil
}

func (r Resource) resolve(model *Model, property string, target Target) error {
	operation, to, repeated := r.split(target)
	if repeated && !strings.Contains(property, "[]") {
		return fmt.Errorf("%s is asked for each element of a list, and there is none", operation)
	}
	shape, err := model.at(operation, to)
	if err != nil {
		return err
	}
	pair := model.Shapes[shape].Member.Shape
	if target.Attribute != "" && model.docs.ofAttribute(model, pair, target.Attribute) == "" {
		return fmt.Errorf("the documentation of %s has no attribute %s", pair, target.Attribute)
	}
	if target.Key {
		_, err = model.keyAt(operation, to)
	}
	return err
}
