package provider

import (
	"fmt"
	"strings"

	"orchard/localcloud/internal/world"
)

// Table is everything that the server knows of one cloud.
type Table struct {
	Name    string // the package name: "aws"
	Version string // of the SDK whose programs it serves

	Config  map[string]Property // what the provider resource accepts
	Types   map[string]Type     // by type token
	Invokes map[string]Invoke   // by function token

	// DefaultTags are those that the provider adds to every resource with a
	// map of tags, by its configuration; nil when the cloud's provider has
	// no such setting.
	DefaultTags func(config Inputs) map[string]any
}

// Type is one resource type.
type Type struct {
	Properties map[string]Property
	// Computed are the outputs that the cloud makes up: those that are no
	// inputs, and those that it makes up where the program gives none. Each
	// is in the outputs of every resource of the type; a preview answers as
	// unknown what the program does not give.
	Computed []string
	// Moves lists, by computed output, the properties whose change changes
	// it. A preview of an update answers it as unknown then.
	Moves map[string][]string
	// Name says how a resource that the program does not name is named.
	Name *AutoName
	// Space keeps ids apart that the real cloud keeps apart by type: an id of
	// this type is in the world as id + "#" + Space.
	Space string

	// Check is for rules between properties.
	Check func(Inputs) []Failure
	// Runs refuses what the cloud would run and this machine cannot.
	Runs func(Inputs) []Failure
	// Compute makes the id (of a new resource), the computed outputs and what
	// the cloud remembers. It refuses what the cloud refuses at Create and
	// Update, such as a reference to what is not there.
	Compute func(Request) (Result, error)
	// Leave refuses a Delete that the cloud refuses.
	Leave func(Request) error
}

// AutoName is how Pulumi's provider names a resource: by the program's name
// for it, a separator and random hexadecimal digits.
type AutoName struct {
	Property  string // "name"
	Separator string
	Random    int  // how many digits; with 0 a replacement has the name of the old one
	Max       int  // characters, separator and digits included; 0 is no limit
	Lower     bool // the cloud takes lower-case names only
}

// Failure is one thing wrong with one property, by its path.
type Failure struct {
	Property, Reason string
}

// Request is what Compute, Leave and an Invoke decide from.
type Request struct {
	World  World
	Config Inputs // of the provider instance, normalised
	URN    string
	Inputs Inputs          // normalised: defaults filled in, weak types made strong
	Prev   *world.Resource // the recorded resource; nil at its Create
	// Store keeps the bytes of a file or text and tells their SHA-256.
	Store func(asset map[string]any) (sha256 string, size int64, err error)
}

// Result is what the cloud answers to a Create or Update.
type Result struct {
	ID      string         // of a new resource, in the engine's words
	Outputs map[string]any // of Type.Computed; may also override an input
	Private map[string]any
	Secrets []string // outputs that are secret
}

// Invoke answers one function of the provider's package.
type Invoke struct {
	Properties map[string]Property
	Answer     func(Request) (map[string]any, error)
}

// WorldID is the id of a resource in the world.
func (t Type) WorldID(id string) string {
	if t.Space == "" {
		return id
	}
	return id + "#" + t.Space
}

// EngineID is the id by which the engine knows a resource of the world.
func (t Type) EngineID(id string) string {
	return strings.TrimSuffix(id, "#"+t.Space)
}

// Name is the last part of a URN: what the program calls the resource.
func Name(urn string) string {
	parts := strings.Split(urn, "::")
	return parts[len(parts)-1]
}

// typeOf is the type token of a URN, without those of its parents.
func typeOf(urn string) string {
	parts := strings.SplitN(urn, "::", 4)
	if len(parts) < 4 {
		return ""
	}
	t := parts[2]
	return t[strings.LastIndex(t, "$")+1:]
}

// stackOf is the stack of a URN.
func stackOf(urn string) (string, error) {
	rest, ok := strings.CutPrefix(urn, "urn:pulumi:")
	stack, _, found := strings.Cut(rest, "::")
	if !ok || !found || stack == "" {
		return "", fmt.Errorf("%q is not a Pulumi URN", urn)
	}
	return stack, nil
}

func (t Table) lookup(urn string) (Type, error) {
	token := typeOf(urn)
	typ, ok := t.Types[token]
	if !ok {
		return Type{}, fmt.Errorf("localcloud does not know the resource type %s (of %s): it would not run what it declares", token, Name(urn))
	}
	return typ, nil
}
