package azure

import "strings"

// SameID compares two ARM ids, which differ by case without a difference.
func SameID(a, b string) bool { return strings.EqualFold(a, b) }

// Within says whether an id is a scope itself or something below it.
func Within(id, scope string) bool {
	id, scope = strings.ToLower(id), strings.TrimSuffix(strings.ToLower(scope), "/")
	return id == scope || strings.HasPrefix(id, scope+"/")
}

// canonical is an id as the key of a map.
func canonical(id string) string { return strings.ToLower(id) }
