package web

import (
	"encoding/json"
	"strings"

	"orchard/api/internal/fruit"
)

// schemaBody is the description that clients of the replaced system read at
// /schema/. It has that system's form and is made from the fields' rules.
var schemaBody = spaced(schemaDocument())

func schemaDocument() map[string]any {
	fields, filtering, ordering := map[string]any{}, map[string]any{}, []string{}
	for _, f := range fruit.Fields {
		fields[f.Name] = schemaField(f)
		if f.Lookups != nil {
			filtering[f.Name] = f.Lookups
		}
		if f.Orderable {
			ordering = append(ordering, f.Name)
		}
	}
	return map[string]any{
		"allowed_detail_http_methods": []string{"get", "put", "patch", "delete"},
		"allowed_list_http_methods":   []string{"get", "post"},
		"default_format":              jsonType,
		"default_limit":               fruit.DefaultLimit,
		"fields":                      fields,
		"filtering":                   filtering,
		"ordering":                    ordering,
	}
}

func schemaField(f fruit.Field) map[string]any {
	value := f.Default
	if value == nil {
		value = "No default provided."
	}
	return map[string]any{
		"blank":        f.Default != nil,
		"default":      value,
		"help_text":    f.Help,
		"nullable":     false,
		"primary_key":  f.PrimaryKey,
		"readonly":     f.ReadOnly,
		"type":         f.Kind,
		"unique":       f.Unique,
		"verbose_name": f.Title,
	}
}

// spaced writes JSON with a space after each comma and colon.
func spaced(v any) []byte {
	indented, err := json.MarshalIndent(v, "", "")
	if err != nil {
		panic(err) // maps and strings of this file
	}
	lines := strings.Split(string(indented), "\n")
	var b strings.Builder
	for i, line := range lines {
		b.WriteString(line)
		if strings.HasSuffix(line, ",") && i < len(lines)-1 {
			b.WriteByte(' ')
		}
	}
	return []byte(b.String())
}
