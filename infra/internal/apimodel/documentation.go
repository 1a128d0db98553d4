package apimodel

import (
	"html"
	"regexp"
	"slices"
	"strings"
)

// documentation is what docs-2.json says of each place where a shape is used,
// by structure and member as "Structure$Member".
type documentation struct {
	Shapes map[string]struct {
		Refs map[string]string
	}
}

// of gives what is said of a structure's member, in plain text.
func (d documentation) of(model *Model, structure, member string) string {
	shape := model.Shapes[structure].Members[member].Shape
	return plain(d.Shapes[shape].Refs[structure+"$"+member])
}

// ofAttribute gives what is said of one key of the attributes that a
// structure of Key and Value names in a list of its keys.
func (d documentation) ofAttribute(model *Model, structure, key string) string {
	shape := model.Shapes[structure].Members["Key"].Shape
	_, text, _ := strings.Cut(d.Shapes[shape].Refs[structure+"$Key"], "<code>"+key+"</code> - ")
	text, _, _ = strings.Cut(text, "</li>")
	return plain(text)
}

var tag = regexp.MustCompile(`<[^>]*>`)

func plain(marked string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tag.ReplaceAllString(marked, ""))), " ")
}

// names says whether a text has the word by itself.
func names(text, word string) bool {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;|()", r) })
	return slices.ContainsFunc(words, func(each string) bool { return strings.TrimRight(each, ".") == word })
}
