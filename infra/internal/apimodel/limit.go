package apimodel

import (
	"fmt"
	"slices"
	"strings"
)

// Limit is a rule that only the documentation states.
type Limit struct {
	// Values are all that may be given. The documentation names each.
	Values []string
	// Min and Max bound a number.
	Min, Max *float64
	// Length is the most characters of a text.
	Length *float64
	// Says is a piece of the documentation that states the bounds.
	Says string
}

// resolve refuses a limit that the documentation does not bear out.
func (l Limit) resolve(model *Model, place string) error {
	structure, member, _ := strings.Cut(place, ".")
	text := model.docs.of(model, structure, member)
	if key, ok := attribute(member); ok {
		text = model.docs.ofAttribute(model, structure, key)
	}
	if text == "" {
		return fmt.Errorf("the documentation says nothing")
	}
	for _, value := range l.Values {
		if !names(text, value) {
			return fmt.Errorf("the documentation does not name %s: %s", value, text)
		}
	}
	if !strings.Contains(text, l.Says) {
		return fmt.Errorf("the documentation does not say %q: %s", l.Says, text)
	}
	for _, bound := range []*float64{l.Min, l.Max, l.Length} {
		if bound != nil && !strings.Contains(strings.ReplaceAll(l.Says, ",", ""), number(*bound)) {
			return fmt.Errorf("%q does not say %s", l.Says, number(*bound))
		}
	}
	return nil
}

// attribute gives the key of Value[key].
func attribute(member string) (key string, ok bool) {
	rest, ok := strings.CutPrefix(member, "Value[")
	return strings.TrimSuffix(rest, "]"), ok
}

// broken says how a value, or one of a list, breaks the limit, or nothing.
func (l Limit) broken(value any) string {
	if list, ok := value.([]any); ok {
		for _, each := range list {
			if says := l.broken(each); says != "" {
				return says
			}
		}
		return ""
	}
	text := textOf(value)
	if len(l.Values) > 0 && !slices.Contains(l.Values, text) {
		return fmt.Sprintf("is %s, not one of %s", text, strings.Join(l.Values, ", "))
	}
	if says := outside("has a length of", length(text), nil, l.Length); says != "" {
		return says
	}
	if l.Min == nil && l.Max == nil {
		return ""
	}
	size, ok := numberOf(value)
	if !ok {
		return fmt.Sprintf("is %s, which is no number", text)
	}
	return outside("is", size, l.Min, l.Max)
}
