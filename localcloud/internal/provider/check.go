package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// Problems lists everything that is wrong with the values of some properties,
// in the order of their names. A value that is not known yet is not judged.
func Problems(properties map[string]Property, values map[string]any) []Failure {
	return problemsAt("", properties, values)
}

func problemsAt(path string, properties map[string]Property, values map[string]any) []Failure {
	var out []Failure
	for _, name := range sortedKeys(values) {
		if strings.HasPrefix(name, "__") {
			continue // the engine's and the SDK's own
		}
		at := path + name
		p, known := properties[name]
		if !known {
			out = append(out, Failure{at, "localcloud does not know this property, so it would not do what it declares"})
			continue
		}
		if v := values[name]; v != nil {
			out = append(out, p.problems(at, v)...)
			out = append(out, conflicts(at, p, values)...)
		}
	}
	for _, name := range sortedKeys(properties) {
		if properties[name].Required && values[name] == nil {
			out = append(out, Failure{path + name, "is required and missing"})
		}
	}
	return out
}

func conflicts(at string, p Property, values map[string]any) []Failure {
	for _, other := range p.Conflicts {
		if values[other] != nil {
			return []Failure{{at, fmt.Sprintf("may not be given together with %s", other)}}
		}
	}
	return nil
}

// problems judges the normalised value, and then the nested values as they
// were given: normalising has left out the names that are not known.
func (p Property) problems(at string, given any) []Failure {
	v := p.normal(given)
	if _, ok := v.(Unknown); ok {
		return nil
	}
	if reason := p.wrong(v); reason != "" {
		return []Failure{{at, reason}}
	}
	var out []Failure
	switch p.Kind {
	case KindObject:
		return problemsAt(at+".", p.Fields, withDefaults(p.Fields, given.(map[string]any)))
	case KindList, KindSet:
		for i, e := range given.([]any) {
			out = append(out, p.Elem.problems(fmt.Sprintf("%s[%d]", at, i), e)...)
		}
	case KindMap:
		m := given.(map[string]any)
		for _, k := range sortedKeys(m) {
			if !strings.HasPrefix(k, "__") {
				out = append(out, p.Elem.problems(at+"."+k, m[k])...)
			}
		}
	}
	return out
}

func withDefaults(fields map[string]Property, given map[string]any) map[string]any {
	out := maps.Clone(given)
	for name, p := range fields {
		if out[name] == nil && p.Default != nil {
			out[name] = p.Default
		}
	}
	return out
}

// wrong says what is wrong with one normalised value, nested values aside.
func (p Property) wrong(v any) string {
	if want, ok := p.fits(v); !ok {
		return fmt.Sprintf("must be %s, not %s", want, show(v))
	}
	if len(p.Enum) > 0 && !slices.ContainsFunc(p.Enum, func(e any) bool { return canonical(e) == canonical(v) }) {
		return fmt.Sprintf("is %s, must be one of %s", show(v), showAll(p.Enum))
	}
	if p.Only != nil && canonical(p.Only) != canonical(v) {
		return fmt.Sprintf("is %s, localcloud can only run %s: %s", show(v), show(p.Only), p.Why)
	}
	switch v := v.(type) {
	case float64:
		return p.wrongNumber(v)
	case string:
		return p.wrongText(v)
	case []any:
		return p.wrongLength(len(v), "items")
	case map[string]any:
		return p.wrongLength(len(v), "entries")
	}
	return ""
}

// fits says whether a value is of the property's kind, and what kind that is.
func (p Property) fits(v any) (want string, ok bool) {
	switch p.Kind {
	case KindBool:
		_, ok = v.(bool)
		return "true or false", ok
	case KindInt:
		f, isNumber := v.(float64)
		return "a whole number", isNumber && f == math.Trunc(f)
	case KindNumber:
		_, ok = v.(float64)
		return "a number", ok
	case KindList, KindSet:
		_, ok = v.([]any)
		return "a list", ok
	case KindMap, KindObject:
		_, ok = v.(map[string]any)
		return "an object", ok
	case KindAsset:
		m, isMap := v.(map[string]any)
		return "a file or text asset", isMap && m[assetKey] != nil
	case KindDocument:
		s, isText := v.(string)
		return "a JSON document", isText && json.Valid([]byte(s))
	}
	_, ok = v.(string)
	return "text", ok
}

func (p Property) wrongNumber(v float64) string {
	switch {
	case p.Min != nil && p.Max != nil && (v < *p.Min || v > *p.Max):
		return fmt.Sprintf("is %v, must be from %v to %v", v, *p.Min, *p.Max)
	case p.Min != nil && v < *p.Min:
		return fmt.Sprintf("is %v, must be at least %v", v, *p.Min)
	}
	return ""
}

func (p Property) wrongText(v string) string {
	if p.Kind != KindDocument {
		if reason := p.wrongLength(utf8.RuneCountInString(v), "characters"); reason != "" {
			return fmt.Sprintf("%q %s", shorten(v), reason)
		}
	}
	if p.Pattern != nil && !p.Pattern.MatchString(v) {
		return fmt.Sprintf("is %q, must be %s", shorten(v), p.Saying)
	}
	return ""
}

func (p Property) wrongLength(n int, unit string) string {
	switch {
	case p.MaxLen > 0 && n > p.MaxLen:
		return fmt.Sprintf("has %d %s, at most %d are allowed", n, unit, p.MaxLen)
	case n < p.MinLen:
		return fmt.Sprintf("has %d %s, at least %d are needed", n, unit, p.MinLen)
	}
	return ""
}

func show(v any) string {
	return shorten(canonical(v))
}

func showAll(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = show(v)
	}
	return strings.Join(texts, ", ")
}

func shorten(s string) string {
	const limit = 80
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit]) + "…"
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
