package provider

import (
	"encoding/json"
	"sort"
	"strconv"
	"strings"
)

// Normalise gives inputs the form that the cloud sees: defaults filled in
// (also inside objects that are given), "80" as 80 where a number is wanted,
// sets sorted, documents as compact JSON text. What does not fit its property
// stays as it is; Check says so.
func Normalise(properties map[string]Property, values map[string]any) Inputs {
	out := Inputs{}
	for name, p := range properties {
		v, ok := values[name]
		if !ok || v == nil {
			v = p.Default
		}
		if v != nil {
			out[name] = p.normal(v)
		}
	}
	return out
}

func (p Property) normal(v any) any {
	if _, ok := v.(Unknown); ok {
		return v
	}
	switch p.Kind {
	case KindString:
		return normalString(v)
	case KindBool:
		return normalBool(v)
	case KindInt, KindNumber:
		return normalNumber(v)
	case KindList, KindSet:
		return p.normalList(v)
	case KindMap:
		return p.normalMap(v)
	case KindObject:
		if m, ok := v.(map[string]any); ok {
			return map[string]any(Normalise(p.Fields, m))
		}
	case KindDocument:
		return normalDocument(v)
	}
	return v
}

func normalString(v any) any {
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	}
	return v
}

func normalBool(v any) any {
	switch v {
	case "true":
		return true
	case "false":
		return false
	}
	return v
}

func normalNumber(v any) any {
	switch v := v.(type) {
	case int:
		return float64(v)
	case string:
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			return f
		}
	}
	return v
}

func (p Property) normalList(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	out := make([]any, len(list))
	for i, e := range list {
		out[i] = p.Elem.normal(e)
	}
	if p.Kind == KindSet {
		sort.SliceStable(out, func(i, j int) bool { return canonical(out[i]) < canonical(out[j]) })
	}
	return out
}

func (p Property) normalMap(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(m))
	for k, e := range m {
		if !strings.HasPrefix(k, "__") {
			out[k] = p.Elem.normal(e)
		}
	}
	return out
}

// normalDocument compacts JSON and sorts its keys, because the cloud gives
// back a document of its own formatting.
func normalDocument(v any) any {
	if containsUnknown(v) {
		return Unknown{}
	}
	if s, ok := v.(string); ok {
		var doc any
		if json.Unmarshal([]byte(s), &doc) != nil {
			return s
		}
		v = doc
	}
	return canonical(v)
}

// canonical is the text by which two plain values are compared. Keys are
// sorted; an unknown value is equal to nothing but another unknown one.
func canonical(v any) string {
	if containsUnknown(v) {
		v = markUnknown(v)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

func markUnknown(v any) any {
	switch v := v.(type) {
	case Unknown:
		return map[string]any{"$unknown": true}
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = markUnknown(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = markUnknown(e)
		}
		return out
	}
	return v
}

func containsUnknown(v any) bool {
	switch v := v.(type) {
	case Unknown:
		return true
	case []any:
		for _, e := range v {
			if containsUnknown(e) {
				return true
			}
		}
	case map[string]any:
		for _, e := range v {
			if containsUnknown(e) {
				return true
			}
		}
	}
	return false
}

// Equal compares two plain values.
func Equal(a, b any) bool { return canonical(a) == canonical(b) }
