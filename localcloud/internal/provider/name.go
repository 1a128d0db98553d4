package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"orchard/localcloud/internal/world"
)

// defaultsKey is where Pulumi's provider notes in the inputs which of them it
// has made up itself; the engine keeps it and does not show it.
const defaultsKey = "__defaults"

// Generate names a resource. The digits are a function of the URN and of the
// names that resources of this URN have already, so that a Create that is
// repeated gives the same name and a replacement another one.
func (a AutoName) Generate(urn string, taken []string) (string, error) {
	base := Name(urn)
	if a.Lower {
		base = strings.ToLower(base)
	}
	added := len(a.Separator) + a.Random
	if length := len(base) + added; a.Max > 0 && length > a.Max {
		return "", fmt.Errorf("the name %q with the %d characters that make it unique has %d characters, at most %d are allowed", base, added, length, a.Max)
	}
	if a.Random == 0 {
		return base, nil
	}
	for n := 0; ; n++ {
		name := base + a.Separator + Digest(fmt.Sprintf("%s#%d", urn, n))[:a.Random]
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
