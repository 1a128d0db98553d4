package provider

import "regexp"

// Kind is the type of a property's value.
type Kind int

// The kinds. A Set is a list whose order means nothing. A Document is JSON,
// given as a string or as an object.
const (
	KindString Kind = iota
	KindBool
	KindInt
	KindNumber
	KindList
	KindSet
	KindMap
	KindObject
	KindAsset
	KindDocument
)

// Property is what one property may hold. The constructors and the methods
// that return a changed copy read as a sentence:
//
//	String().Needed().Replaces().OneOf("HTTP", "HTTPS")
type Property struct {
	Kind     Kind
	Required bool
	// Replace says that a change makes the provider create a new resource.
	Replace bool
	// Inert says that the property is known and has no effect in localcloud.
	Inert bool
	// Secret says that the output is secret whatever the program says.
	Secret bool

	Enum     []any
	Min, Max *float64 // of a number
	MinLen   int      // of a string, list or map
	MaxLen   int      // likewise; 0 is no limit
	Pattern  *regexp.Regexp
	Saying   string // what Pattern wants, in words
	Only     any    // the one value that localcloud can run
	Why      string // why only that

	// Alike gives texts that the cloud does not tell apart the same form.
	Alike func(string) string
	// Made are fields of an object that the cloud makes up, or answers in
	// another shape than they are given: a preview answers them as unknown.
	Made []string

	Default   any
	Conflicts []string
	Elem      *Property           // of a list, set or map
	Fields    map[string]Property // of an object
}

// String is any text.
func String() Property { return Property{Kind: KindString} }

// Bool is true or false.
func Bool() Property { return Property{Kind: KindBool} }

// Int is a whole number.
func Int() Property { return Property{Kind: KindInt} }

// Number is any number.
func Number() Property { return Property{Kind: KindNumber} }

// List is an ordered list.
func List(elem Property) Property { return Property{Kind: KindList, Elem: &elem} }

// Set is a list whose order means nothing.
func Set(elem Property) Property { return Property{Kind: KindSet, Elem: &elem} }

// Map has any keys.
func Map(elem Property) Property { return Property{Kind: KindMap, Elem: &elem} }

// Object has the fields listed and no others.
func Object(fields map[string]Property) Property { return Property{Kind: KindObject, Fields: fields} }

// Asset is a file or text of the program's machine.
func Asset() Property { return Property{Kind: KindAsset} }

// Document is a JSON document.
func Document() Property { return Property{Kind: KindDocument} }

// Needed makes a property required.
func (p Property) Needed() Property { p.Required = true; return p }

// Replaces makes a change force a replacement.
func (p Property) Replaces() Property { p.Replace = true; return p }

// NoEffect marks a property that is known and has no effect in localcloud.
func (p Property) NoEffect() Property { p.Inert = true; return p }

// Hidden makes the output secret.
func (p Property) Hidden() Property { p.Secret = true; return p }

// OneOf lists the values that the cloud accepts.
func (p Property) OneOf(values ...any) Property { p.Enum = values; return p }

// Between bounds a number, both ends included.
func (p Property) Between(low, high float64) Property { p.Min, p.Max = &low, &high; return p }

// AtLeast bounds a number from below.
func (p Property) AtLeast(low float64) Property { p.Min = &low; return p }

// Length bounds the characters of a string or the items of a list; a high of
// 0 is no limit.
func (p Property) Length(low, high int) Property { p.MinLen, p.MaxLen = low, high; return p }

// Like gives the pattern of a string, and what it wants in words.
func (p Property) Like(pattern, saying string) Property {
	p.Pattern, p.Saying = regexp.MustCompile(pattern), saying
	return p
}

// OnlyHere gives the one value that localcloud can run, and why.
func (p Property) OnlyHere(value any, why string) Property { p.Only, p.Why = value, why; return p }

// Same compares texts by a form in which those are equal that the cloud does
// not tell apart.
func (p Property) Same(form func(string) string) Property { p.Alike = form; return p }

// Makes names the fields of an object that the cloud makes up.
func (p Property) Makes(fields ...string) Property { p.Made = fields; return p }

// Or gives the value that the real provider uses when there is none.
func (p Property) Or(value any) Property { p.Default = value; return p }

// Not names properties that may not be given together with this one.
func (p Property) Not(names ...string) Property { p.Conflicts = names; return p }
