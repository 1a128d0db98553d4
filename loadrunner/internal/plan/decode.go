package plan

import (
	"bytes"
	"errors"

	"go.yaml.in/yaml/v3"
)

// Decode reads YAML into a value, a plan's or a drill's. It tells every mistake,
// keys that the value does not have among them, each in a sentence of its own.
func Decode(text []byte, into any) (problems []string) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	err := d.Decode(into)
	var mistakes *yaml.TypeError
	switch {
	case errors.As(err, &mistakes):
		return mistakes.Errors
	case err != nil:
		return []string{err.Error()}
	}
	return nil
}
