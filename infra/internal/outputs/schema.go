package outputs

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/google/jsonschema-go/jsonschema"
)

// Schema describes Stack in JSON Schema. Every key is required and no other
// is allowed.
func Schema() (*jsonschema.Schema, error) {
	schema, err := jsonschema.For[Stack](nil)
	if err != nil {
		return nil, fmt.Errorf("derive schema: %w", err)
	}
	schema.Schema = "https://json-schema.org/draft/2020-12/schema"
	schema.Title = "Outputs of an Orchard stack"
	noNull(schema)
	return schema, nil
}

// noNull takes back that a list may be null: a Go slice may, an output not.
func noNull(schema *jsonschema.Schema) {
	if schema.Items != nil {
		schema.Type, schema.Types = "array", nil
		noNull(schema.Items)
	}
	for _, property := range schema.Properties {
		noNull(property)
	}
}

// Decode reads outputs as the engine gives them, and refuses what breaks the
// contract with a message that names the key.
func Decode(values map[string]any) (Stack, error) {
	schema, err := Schema()
	if err != nil {
		return Stack{}, err
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		return Stack{}, fmt.Errorf("resolve schema: %w", err)
	}
	if err := resolved.Validate(values); err != nil {
		return Stack{}, fmt.Errorf("check outputs: %w", err)
	}
	text, err := json.Marshal(values)
	if err != nil {
		return Stack{}, fmt.Errorf("encode outputs: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var stack Stack
	if err := decoder.Decode(&stack); err != nil {
		return Stack{}, fmt.Errorf("decode outputs: %w", err)
	}
	return stack, nil
}
