package scorecard

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"orchard/infra/internal/fakecloud"
)

// item is one planned resource.
type item = fakecloud.Resource

// input reads a property by its path, such as accessLogs.enabled or
// rules[0].id. It is nil where there is none or its value is not known yet.
// Numbers are float64, lists []any and objects map[string]any.
func input(r item, path string) any {
	parsed, err := resource.ParsePropertyPath(path)
	if err != nil {
		panic(fmt.Sprintf("property path %q: %v", path, err)) // a row is written wrongly
	}
	value, ok := parsed.Get(resource.NewProperty(bare(resource.NewProperty(r.Inputs)).ObjectValue()))
	if !ok {
		return nil
	}
	return value.Mappable()
}

// list reads a property that is a list; anything else is an empty one.
func list(r item, path string) []any {
	values, _ := input(r, path).([]any)
	return values
}

// text reads a property that is a text; anything else is an empty one.
func text(r item, path string) string {
	value, _ := input(r, path).(string)
	return value
}

// bare takes the wrapping of secrets and outputs off, at every depth. What is
// not known becomes null.
func bare(value resource.PropertyValue) resource.PropertyValue {
	switch {
	case value.IsSecret():
		return bare(value.SecretValue().Element)
	case value.IsOutput() && value.OutputValue().Known:
		return bare(value.OutputValue().Element)
	case value.IsOutput(), value.IsComputed():
		return resource.NewNullProperty()
	case value.IsArray():
		var elements []resource.PropertyValue
		for _, element := range value.ArrayValue() {
			elements = append(elements, bare(element))
		}
		return resource.NewProperty(elements)
	case value.IsObject():
		properties := resource.PropertyMap{}
		for key, property := range value.ObjectValue() {
			properties[key] = bare(property)
		}
		return resource.NewProperty(properties)
	default:
		return value
	}
}
