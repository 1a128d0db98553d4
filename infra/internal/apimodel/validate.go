package apimodel

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// validation goes through one request.
type validation struct {
	model  *Model
	limits map[string]Limit
	*request
	violations []Violation
}

// validate holds a request against its operation's shape. The members in
// given need not be there.
func validate(model *Model, limits map[string]Limit, asked *request, given []string) []Violation {
	v := validation{model: model, limits: limits, request: asked}
	shape := model.Operations[asked.operation].Input.Shape
	body, _ := asked.body.(map[string]any)
	v.required(shape, "", body, given)
	v.members(shape, "", body)
	for _, each := range asked.keys {
		shape, err := model.keyAt(asked.operation, each.to)
		if err != nil {
			v.report(each.place, "cannot be checked: %v", err)
			continue
		}
		v.value(shape, each.place, each.value)
	}
	return v.violations
}

func (v *validation) report(place, format string, arguments ...any) {
	member := v.operation
	if place != "" {
		member += "." + place
	}
	v.violations = append(v.violations, Violation{
		Property: v.origin(place), Member: member, Says: fmt.Sprintf(format, arguments...),
	})
}

// value checks one value by its shape's type. A blob and a timestamp have no
// rules.
func (v *validation) value(shape, place string, value any) {
	switch v.model.Shapes[shape].Type {
	case "structure":
		v.structure(shape, place, value)
	case "list":
		v.list(shape, place, value)
	case "map":
		v.mapped(shape, place, value)
	case "string":
		v.text(shape, place, value)
	case "integer", "long", "float", "double":
		v.number(shape, place, value)
	case "boolean":
		if text := textOf(value); text != "true" && text != "false" {
			v.report(place, "is %s, neither true nor false", short(text))
		}
	}
}

func (v *validation) structure(shape, place string, value any) {
	object, ok := value.(map[string]any)
	if !ok {
		v.report(place, "is %s, not an object", short(textOf(value)))
		return
	}
	v.required(shape, place, object, nil)
	v.members(shape, place, object)
}

func (v *validation) required(shape, place string, object map[string]any, given []string) {
	for _, member := range v.model.Shapes[shape].Required {
		if object[member] == nil && !slices.Contains(given, member) {
			v.report(place, "has no %s, which is required", member)
		}
	}
}

func (v *validation) members(shape, place string, object map[string]any) {
	for _, member := range slices.Sorted(maps.Keys(object)) {
		at := strings.TrimPrefix(place+"."+member, ".")
		known, ok := v.model.Shapes[shape].Members[member]
		if !ok {
			v.report(at, "is no member of %s", shape)
			continue
		}
		v.value(known.Shape, at, object[member])
		if says := v.limits[shape+"."+member].broken(object[member]); says != "" {
			v.report(at, "%s", says)
		}
	}
	if key, ok := object["Key"].(string); ok {
		if says := v.limits[shape+".Value["+key+"]"].broken(object["Value"]); says != "" {
			v.report(place, "%s", says)
		}
	}
}

func (v *validation) list(shape, place string, value any) {
	element := v.model.Shapes[shape].Member.Shape
	list, ok := value.([]any)
	if tags, isMap := value.(map[string]any); isMap {
		list, ok = v.pairs(element, tags)
	}
	if !ok {
		v.report(place, "is %s, not a list", short(textOf(value)))
		return
	}
	v.size(shape, place, len(list))
	for i, each := range list {
		v.value(element, fmt.Sprintf("%s[%d]", place, i), each)
	}
}

// pairs makes of a map, as Pulumi has tags and dimensions, the list of keys
// and values that most APIs want.
func (v *validation) pairs(element string, tags map[string]any) (list []any, ok bool) {
	var key, value string
	for member := range v.model.Shapes[element].Members {
		switch member {
		case "Key", "TagKey", "Name":
			key = member
		case "Value", "TagValue":
			value = member
		}
	}
	for _, each := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, map[string]any{key: each, value: tags[each]})
	}
	return list, key != "" && value != ""
}

func (v *validation) mapped(shape, place string, value any) {
	known := v.model.Shapes[shape]
	switch all := value.(type) {
	case map[string]any:
		v.size(shape, place, len(all))
		for _, key := range slices.Sorted(maps.Keys(all)) {
			v.value(known.Key.Shape, place+"."+key, key)
			v.value(known.Value.Shape, place+"."+key, all[key])
		}
	case []any:
		v.size(shape, place, len(all))
		for i, each := range all {
			v.value(known.Value.Shape, fmt.Sprintf("%s[%d]", place, i), each)
		}
	default:
		v.report(place, "is %s, not an object", short(textOf(value)))
	}
}

func (v *validation) size(shape, place string, size int) {
	known := v.model.Shapes[shape]
	if says := outside("has a size of", float64(size), known.Min, known.Max); says != "" {
		v.report(place, "%s", says)
	}
}

func (v *validation) number(shape, place string, value any) {
	known := v.model.Shapes[shape]
	figure, ok := numberOf(value)
	whole := known.Type == "integer" || known.Type == "long"
	if !ok || whole && figure != float64(int64(figure)) {
		v.report(place, "is %s, not of type %s", short(textOf(value)), known.Type)
		return
	}
	if says := outside("is", figure, known.Min, known.Max); says != "" {
		v.report(place, "%s", says)
	}
}

// text checks a string. A list becomes one with commas between.
func (v *validation) text(shape, place string, value any) {
	if list, ok := value.([]any); ok {
		var texts []string
		for _, each := range list {
			texts = append(texts, textOf(each))
		}
		value = strings.Join(texts, ",")
	}
	known, text := v.model.Shapes[shape], textOf(value)
	if len(known.Enum) > 0 && !slices.Contains(known.Enum, text) {
		v.report(place, "is %s, not one of %s", short(text), short(strings.Join(known.Enum, ", ")))
	}
	if says := outside("has a length of", length(text), known.Min, known.Max); says != "" {
		v.report(place, "%s", says)
	}
	if known.Pattern == "" {
		return
	}
	pattern, err := compile(known.Pattern)
	if err != nil {
		v.report(place, "cannot be checked: %v", err)
	} else if !pattern.MatchString(text) {
		v.report(place, "is %s, which does not match %s", short(text), known.Pattern)
	}
}
