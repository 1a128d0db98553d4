package provider

// Inputs are normalised inputs: known names, strong types, defaults filled
// in. The accessors answer the zero value for what is absent or unknown.
type Inputs map[string]any

// Text is a string.
func (in Inputs) Text(name string) string { s, _ := in[name].(string); return s }

// Flag is a bool.
func (in Inputs) Flag(name string) bool { b, _ := in[name].(bool); return b }

// Int is a whole number.
func (in Inputs) Int(name string) int { return int(in.Number(name)) }

// Number is a number.
func (in Inputs) Number(name string) float64 {
	switch n := in[name].(type) {
	case float64:
		return n
	case int:
		return float64(n)
	}
	return 0
}

// Has says whether a value is given, an unknown one included.
func (in Inputs) Has(name string) bool { return in[name] != nil }

// Texts is a list of strings.
func (in Inputs) Texts(name string) []string {
	list, _ := in[name].([]any)
	texts := make([]string, 0, len(list))
	for _, e := range list {
		if s, ok := e.(string); ok {
			texts = append(texts, s)
		}
	}
	return texts
}

// Object is a nested object; empty, never nil, when there is none.
func (in Inputs) Object(name string) Inputs {
	if m, ok := in[name].(map[string]any); ok {
		return m
	}
	return Inputs{}
}

// Objects is a list of nested objects.
func (in Inputs) Objects(name string) []Inputs {
	list, _ := in[name].([]any)
	objects := make([]Inputs, 0, len(list))
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			objects = append(objects, m)
		}
	}
	return objects
}

// Known says whether a value is given and not unknown.
func (in Inputs) Known(name string) bool {
	_, unknown := in[name].(Unknown)
	return in.Has(name) && !unknown
}
