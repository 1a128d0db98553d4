package provider

import (
	"maps"
	"slices"
)

// alike is the form of a value in which it is compared: texts that the cloud
// does not tell apart are equal.
func (p Property) alike(v any) any {
	switch v := v.(type) {
	case string:
		if p.Alike != nil {
			return p.Alike(v)
		}
	case []any:
		if p.Elem != nil {
			return each(v, p.Elem.alike)
		}
	case map[string]any:
		return p.eachField(v, Property.alike)
	}
	return v
}

// promised adds, as unknown, what the cloud makes up inside a value, and what
// it answers in another shape than it was given.
func (p Property) promised(v any) any {
	switch v := v.(type) {
	case []any:
		if p.Elem != nil {
			return each(v, p.Elem.promised)
		}
	case map[string]any:
		out := p.eachField(v, Property.promised)
		for _, field := range p.Made {
			out[field] = Unknown{}
		}
		return out
	}
	return v
}

func each(list []any, do func(any) any) []any {
	out := make([]any, len(list))
	for i, e := range list {
		out[i] = do(e)
	}
	return out
}

func (p Property) eachField(m map[string]any, do func(Property, any) any) map[string]any {
	out := maps.Clone(m)
	for name, v := range m {
		if field, ok := p.Fields[name]; ok {
			out[name] = do(field, v)
		} else if p.Elem != nil {
			out[name] = do(*p.Elem, v)
		}
	}
	return out
}

// promise completes the outputs that a preview takes from the inputs. What
// the cloud has made up inside an input stays while the input does not change.
func (t Type) promise(outputs, before map[string]any, changes []Change) {
	for name, p := range t.Properties {
		given, ok := outputs[name]
		if !ok {
			continue
		}
		changed := slices.ContainsFunc(changes, func(c Change) bool { return c.Top == name })
		if kept, ok := before[name]; ok && !changed {
			outputs[name] = kept
			continue
		}
		outputs[name] = p.promised(given)
	}
}
