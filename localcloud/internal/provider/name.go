package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"orchard/localcloud/internal/world"
)

// randomChars is how many characters Pulumi's provider adds to a name, after
// a hyphen.
const randomChars = 7

// defaultsKey is where Pulumi's provider notes in the inputs which of them it
// has made up itself; the engine keeps it and does not show it.
const defaultsKey = "__defaults"

// Generate names a resource as Pulumi's provider does: the program's name for
// it, a hyphen and seven characters. The characters are a function of the URN
// and of the names that resources of this URN have already, so that a Create
// that is repeated gives the same name and a replacement another one.
func (a AutoName) Generate(urn string, taken []string) (string, error) {
	base := Name(urn)
	if a.Lower {
		base = strings.ToLower(base)
	}
	if length := len(base) + 1 + randomChars; a.Max > 0 && length > a.Max {
		return "", fmt.Errorf("the name %q with the %d characters that make it unique has %d characters, at most %d are allowed", base, randomChars+1, length, a.Max)
	}
	for n := 0; ; n++ {
		name := base + "-" + Digest(fmt.Sprintf("%s#%d", urn, n))[:randomChars]
		if !slices.Contains(taken, name) {
			return name, nil
		}
	}
}

// Digest is a hexadecimal SHA-256.
func Digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// taken lists the names of the confirmed resources of a URN.
func (a AutoName) taken(resources []world.Resource, urn string) []string {
	var out []string
	for _, r := range resources {
		if name, ok := r.Inputs[a.Property].(string); ok && r.URN == urn && r.Confirmed {
			out = append(out, name)
		}
	}
	return out
}

// generated says whether a property was made up by the provider.
func generated(inputs map[string]any, property string) bool {
	list, _ := inputs[defaultsKey].([]any)
	return slices.Contains(list, any(property))
}
