package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Facts are what a table says of one resource type to people. Properties are
// named by their path.
type Facts struct {
	Type     string   // the engine's token
	Acted    []string // properties that are acted on, checked or answered from
	Recorded []string // properties that are checked for their form and have no effect
	Only     []string // properties of which one value is run, with the value and the reason
}

// Describe tells what localcloud makes of every resource type of a table, by
// token.
func Describe(t Table) []Facts {
	var all []Facts
	for _, token := range slices.Sorted(maps.Keys(t.Types)) {
		f := Facts{Type: token}
		f.add("", t.Types[token].Properties)
		all = append(all, f)
	}
	return all
}

func (f *Facts) add(path string, properties map[string]Property) {
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		f.addOne(path+name, properties[name])
	}
}

func (f *Facts) addOne(path string, p Property) {
	for p.Elem != nil && len(p.Fields) == 0 && len(p.Elem.Fields) > 0 {
		inert := p.Inert
		p = *p.Elem
		p.Inert = p.Inert || inert
	}
	switch {
	case p.Inert:
		f.Recorded = append(f.Recorded, path)
	case p.Only != nil:
		f.Only = append(f.Only, fmt.Sprintf("%s (%v: %s)", path, p.Only, p.Why))
	case len(p.Fields) > 0:
		f.add(path+".", p.Fields)
	default:
		f.Acted = append(f.Acted, path)
	}
}

// Markdown writes the facts as a list for a document.
func Markdown(all []Facts) string {
	var out strings.Builder
	for _, f := range all {
		fmt.Fprintf(&out, "### %s\n\n", f.Type)
		line := func(what string, properties []string) {
			if len(properties) > 0 {
				fmt.Fprintf(&out, "- %s: %s\n", what, strings.Join(properties, ", "))
			}
		}
		line("Acted on or checked", f.Acted)
		line("Recorded only", f.Recorded)
		line("One value only", f.Only)
		out.WriteString("\n")
	}
	return out.String()
}
