package fruit

import "strings"

// Parameter is a parameter of a list, for documentation.
type Parameter struct {
	Name, Type, Help string
}

// Parameters are those that ParseQuery knows.
func Parameters() []Parameter {
	list := []Parameter{
		{"limit", "integer", "entries on a page, 1 to 1000; 0 means 1000"},
		{"offset", "integer", "entries to pass over"},
		{"after", "integer", "entries with a greater id only: the fast way through deep pages"},
		{"order_by", "string", "id, name or price, with - before it for the other direction; may be repeated"},
	}
	for _, f := range Fields {
		for _, lookup := range f.Lookups {
			list = append(list, Parameter{strings.TrimSuffix(f.Name+"__"+lookup, "__exact"), "string", "filter by " + f.Name})
		}
	}
	return list
}
