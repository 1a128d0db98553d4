package apimodel

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// request is what an operation is asked with.
type request struct {
	operation string
	// element is that of the property's list which the request is for, where
	// each has its own.
	element string
	// body holds objects, lists and scalars as JSON would; a map of the API
	// that a Pulumi list becomes stays a list here.
	body any
	// origins are the properties by the place in the body that they filled.
	origins map[string]string
	// keys are those of maps that are lists in the body.
	keys []key
}

type key struct {
	to    path
	place string
	value any
}

// requests puts a resource's inputs together, the operation that makes the
// resource first.
func (r Resource) requests(name string, inputs map[string]any) []*request {
	all := []*request{newRequest(r.Operation)}
	for _, property := range slices.Sorted(maps.Keys(r.Properties)) {
		target := r.Properties[property]
		operation, to, repeated := r.split(target)
		for _, each := range r.values(property, name, inputs) {
			element := ""
			if repeated {
				element, each.indices = firstElement(each.property), each.indices[1:]
			}
			at := slices.IndexFunc(all, func(known *request) bool { return known.operation == operation && known.element == element })
			if at < 0 {
				at, all = len(all), append(all, newRequest(operation))
				all[at].element = element
			}
			all[at].fill(to, target, each)
		}
	}
	return all
}

// firstElement is a property up to its first list: ingress[0].
func firstElement(property string) string {
	before, _, _ := strings.Cut(property, "]")
	return before + "]"
}

func newRequest(operation string) *request {
	return &request{operation: operation, body: map[string]any{}, origins: map[string]string{}}
}

// found is one value of a property.
type found struct {
	value any
	// indices are those of the lists on the way.
	indices  []int
	property string
}

func (r Resource) values(property, name string, inputs map[string]any) []found {
	values := find(inputs, parsePath(property), found{})
	if len(values) == 0 && property == r.Autonamed {
		const suffix = "-0123456" // of Pulumi's automatic names
		return []found{{value: name + suffix, property: property}}
	}
	return values
}

// find gives the values at a path below a value.
func find(value any, at path, here found) []found {
	if value == nil {
		return nil
	}
	if len(at) == 0 {
		here.value, here.property = value, strings.TrimPrefix(here.property, ".")
		return []found{here}
	}
	if !at[0].element {
		object, _ := value.(map[string]any)
		here.property += "." + at[0].member
		return find(object[at[0].member], at[1:], here)
	}
	var values []found
	list, _ := value.([]any)
	for i, each := range list {
		values = append(values, find(each, at[1:], found{
			indices:  append(slices.Clone(here.indices), i),
			property: fmt.Sprintf("%s[%d]", here.property, i),
		})...)
	}
	return values
}

// fill puts one value at its place.
func (r *request) fill(to path, target Target, each found) {
	if target.Key {
		_, place := set(nil, to, each.indices, nil, "")
		r.keys = append(r.keys, key{to: to, place: place + " key", value: each.value})
		r.origins[place+" key"] = each.property
		return
	}
	value := each.value
	if translated, ok := target.Values[textOf(value)]; ok {
		value = translated
	}
	if target.Attribute != "" {
		list := find(r.body, append(slices.Clone(to), step{element: true}), found{})
		value = map[string]any{"Key": target.Attribute, "Value": value}
		to, each.indices = append(slices.Clone(to), step{element: true}), []int{len(list)}
	}
	var place string
	r.body, place = set(r.body, to, each.indices, value, "")
	r.origins[place] = each.property
}

// set gives what a value becomes with another one put into it at a path, and
// the place where that is. A list on the way that the property does not have
// gets a first element.
func set(into any, to path, indices []int, value any, place string) (changed any, at string) {
	if len(to) == 0 {
		return value, strings.TrimPrefix(place, ".")
	}
	if !to[0].element {
		object, ok := into.(map[string]any)
		if !ok {
			object = map[string]any{}
		}
		object[to[0].member], at = set(object[to[0].member], to[1:], indices, value, place+"."+to[0].member)
		return object, at
	}
	index := 0
	if len(indices) > 0 {
		index, indices = indices[0], indices[1:]
	}
	list, _ := into.([]any)
	for len(list) <= index {
		list = append(list, nil)
	}
	list[index], at = set(list[index], to[1:], indices, value, fmt.Sprintf("%s[%d]", place, index))
	return list, at
}

// origin gives the property that filled a place, or one around it.
func (r *request) origin(place string) string {
	for place != "" {
		if property, ok := r.origins[place]; ok {
			return property
		}
		place = place[:max(strings.LastIndexAny(place, ".["), 0)]
	}
	return ""
}
