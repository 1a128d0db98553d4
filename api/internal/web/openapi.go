package web

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"orchard/api/internal/fruit"
	"orchard/api/internal/store"
)

// operation describes one method of one path for people and for programs. A
// test compares this table with the routes, so neither can change alone.
type operation struct {
	Path, Method string
	Summary      string
	Statuses     []int // beside those that every operation may answer
	Body         string
}

const (
	entryPath = fruit.Collection + "{id}/"
	setPath   = fruit.Collection + "set/{ids}/"
)

var operations = []operation{
	{fruit.Root, "GET", "What the API has.", []int{200}, ""},
	{fruit.Collection, "GET", "A page of fruit. Filter with field__lookup=value, order with order_by=field or -field, page with limit and offset, or with after for deep pages.", []int{200, 400}, ""},
	{fruit.Collection, "POST", "Add a fruit. With an Idempotency-Key the request may be repeated: the key is kept for " + store.KeyLife + " at least and gives the first answer again.", []int{201, 400, 401, 409, 413, 415, 422}, "NewFruit"},
	{fruit.Schema, "GET", "The fields, their filters and their orderings.", []int{200}, ""},
	{setPath, "GET", "Several fruit by their ids, separated by semicolons.", []int{200, 400}, ""},
	{entryPath, "GET", "One fruit, with its ETag.", []int{200, 304, 404}, ""},
	{entryPath, "PUT", "Change a fruit, or make it at this id. Fields that are not sent keep their value. If-Match and If-None-Match are heeded.", []int{201, 204, 400, 401, 404, 409, 412, 413, 415}, "FruitChange"},
	{entryPath, "PATCH", "Change the fields that are sent. If-Match is heeded.", []int{202, 400, 401, 404, 409, 412, 413, 415}, "FruitChange"},
	{entryPath, "DELETE", "Remove a fruit. If-Match is heeded.", []int{204, 401, 404, 412}, ""},
	{"/livez", "GET", "Whether balancers may send requests here. Does not ask the database.", []int{200, 503}, ""},
	{"/readyz", "GET", "Whether the service works, the database included.", []int{200, 503}, ""},
	{"/version", "GET", "The release that answers.", []int{200}, ""},
	{"/openapi.json", "GET", "This description for programs.", []int{200}, ""},
	{"/docs", "GET", "This description for people.", []int{200}, ""},
}

var statusTexts = map[int]string{
	504: "A write was sent to the database and not answered: it may have been done",
	503: "Too much to do, or the database is away; Retry-After says when to try again",
}

func statusText(status int) string {
	if text, ok := statusTexts[status]; ok {
		return text
	}
	return http.StatusText(status)
}

type object = map[string]any

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

func openAPIDocument() object {
	paths := object{}
	for _, o := range operations {
		item, ok := paths[o.Path].(object)
		if !ok {
			item = object{}
			paths[o.Path] = item
		}
		item[strings.ToLower(o.Method)] = o.openAPI()
	}
	return object{
		"openapi": "3.1.0",
		"info":    object{"title": "Orchard", "version": "1", "description": "A highly available fruit API."},
		"paths":   paths,
		"components": object{
			"schemas":         schemas(),
			"securitySchemes": object{"writeToken": object{"type": "http", "scheme": "bearer", "description": "Needed for writes where one is configured."}},
		},
	}
}

func (o operation) openAPI() object {
	responses := object{}
	for _, status := range o.allStatuses() {
		responses[strconv.Itoa(status)] = o.response(status)
	}
	op := object{"summary": o.Summary, "responses": responses, "parameters": o.parameters()}
	if o.Body != "" {
		op["requestBody"] = object{"required": true, "content": object{jsonType: object{"schema": ref(o.Body)}}}
	}
	if slices.Contains(o.Statuses, 401) {
		op["security"] = []object{{"writeToken": []string{}}, {}}
	}
	return op
}

func (o operation) allStatuses() []int {
	all := slices.Clone(o.Statuses)
	if strings.HasPrefix(o.Path, fruit.Root) && o.Path != fruit.Root && !slices.Contains(all, 503) {
		all = append(all, 503)
	}
	if slices.Contains(all, 401) {
		all = append(all, 504)
	}
	return all
}

func (o operation) response(status int) object {
	r := object{"description": statusText(status)}
	switch {
	case status >= 400 && o.Path != "/livez":
		r["content"] = object{"application/problem+json": object{"schema": ref("Problem")}}
	case status == 200 && o.Path == "/docs":
		r["content"] = object{"text/html": object{}}
	case status == 200:
		r["content"] = object{jsonType: object{"schema": o.answer()}}
	case status == 201:
		r["headers"] = object{"Location": object{"schema": object{"type": "string"}}}
	}
	return r
}

func (o operation) answer() object {
	switch o.Path {
	case fruit.Collection:
		return ref("Page")
	case setPath:
		return ref("Set")
	case entryPath:
		return ref("Fruit")
	}
	return object{"type": "object"}
}

func (o operation) parameters() []object {
	list := []object{}
	add := func(name, in, kind, help string) {
		list = append(list, object{"name": name, "in": in, "required": in == "path", "description": help, "schema": object{"type": kind}})
	}
	switch {
	case o.Path == entryPath:
		add("id", "path", "integer", "1 to 2147483647")
	case o.Path == setPath:
		add("ids", "path", "string", "ids separated by semicolons")
	case o.Path == fruit.Collection && o.Method == "GET":
		for _, p := range fruit.Parameters() {
			add(p.Name, "query", p.Type, p.Help)
		}
	case o.Path == fruit.Collection:
		add("Idempotency-Key", "header", "string", "1 to 255 characters, chosen by the client, different for each entry")
	}
	if o.Path == entryPath && o.Method != "GET" {
		add("If-Match", "header", "string", "the ETag that the fruit must have")
	}
	if o.Path == entryPath && (o.Method == "GET" || o.Method == "PUT") {
		add("If-None-Match", "header", "string", "an ETag that the fruit must not have; * for: must not exist")
	}
	return list
}

func schemas() object {
	name := object{"type": "string", "minLength": 1, "maxLength": fruit.MaxName}
	price := object{"type": []string{"string", "number"}, "description": "0.00 to 999999.99, at most two decimals", "default": "0.00"}
	stock := object{"type": "integer", "format": "int32", "default": 0}
	change := object{"name": name, "price": price, "stock": stock}
	text, number := object{"type": "string"}, object{"type": "integer"}
	link := object{"type": []string{"string", "null"}}
	list := object{"type": "array", "items": ref("Fruit")}
	return object{
		"Fruit": object{"type": "object", "required": []string{"id", "name", "price", "resource_uri", "stock"}, "properties": object{
			"id": number, "name": name, "price": object{"type": "string", "pattern": `^[0-9]{1,6}\.[0-9]{2}$`}, "resource_uri": text, "stock": stock,
		}},
		"NewFruit":    object{"type": "object", "required": []string{"name"}, "properties": change},
		"FruitChange": object{"type": "object", "properties": change},
		"Page": object{"type": "object", "required": []string{"meta", "objects"}, "properties": object{
			"objects": list,
			"meta":    object{"type": "object", "properties": object{"limit": number, "next": link, "offset": number, "previous": link, "total_count": number}},
		}},
		"Set": object{"type": "object", "required": []string{"objects"}, "properties": object{
			"objects": list, "not_found": object{"type": "array", "items": text},
		}},
		"Problem": object{"type": "object", "description": "RFC 9457", "required": []string{"type", "title", "status"}, "properties": object{
			"type": text, "title": text, "status": number, "detail": text,
			"errors": object{"type": "array", "items": object{"type": "object", "properties": object{"field": text, "reason": text, "detail": text}}},
		}},
	}
}

var (
	openAPIBody = spaced(openAPIDocument())
	docsBody    = docs()
)

func (a *api) openAPI(w http.ResponseWriter, r *http.Request) error {
	send(w, http.StatusOK, jsonType, openAPIBody)
	return nil
}

func (a *api) docs(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	send(w, http.StatusOK, "text/html; charset=utf-8", docsBody)
	return nil
}

var docsPage = template.Must(template.New("docs").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Orchard</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0}code{background:#8881;padding:0 .2em}</style></head><body>
<h1>Orchard</h1><p>A fruit API. For programs: <a href="/openapi.json">/openapi.json</a>.</p>
<h2>Paths</h2><table><tr><th>Method</th><th>Path</th><th>What</th><th>Answers</th></tr>
{{range .Operations}}<tr><td><code>{{.Method}}</code></td><td><code>{{.Path}}</code></td><td>{{.Summary}}</td><td>{{range .Statuses}}{{.}} {{end}}</td></tr>
{{end}}</table>
<h2>Fields</h2><table><tr><th>Field</th><th>Type</th><th>What</th><th>Filters</th></tr>
{{range .Fields}}<tr><td><code>{{.Name}}</code></td><td>{{.Kind}}</td><td>{{.Help}}</td><td>{{range .Lookups}}<code>{{.}}</code> {{end}}</td></tr>
{{end}}</table>
<h2>Problems</h2><p>What goes wrong is an <code>application/problem+json</code> document (RFC 9457) whose type is one of these.</p>
<table><tr><th>Type</th><th>Status</th><th>What</th></tr>
{{range .Problems}}<tr id="{{.Kind}}"><td><code>{{.Kind}}</code></td><td>{{.Status}}</td><td>{{.Title}}. {{.Detail}}</td></tr>
{{end}}</table></body></html>
`))

func docs() []byte {
	var b strings.Builder
	err := docsPage.Execute(&b, object{"Operations": operations, "Fields": fruit.Fields, "Problems": problems()})
	if err != nil {
		panic(err) // the template and its data are in this file
	}
	return []byte(b.String())
}
