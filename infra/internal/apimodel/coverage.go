package apimodel

import (
	"maps"
	"slices"
	"strings"
)

// Coverage counts inputs, each once by its type and path.
type Coverage struct {
	// Mapped become a member of a request.
	Mapped map[string]bool
	// Own steer the provider alone.
	Own map[string]bool
	// Unmapped have nothing to be checked by.
	Unmapped map[string]bool
}

// Share is the part of all inputs that has no mapping, from 0 to 1.
func (c Coverage) Share() float64 {
	all := len(c.Mapped) + len(c.Own) + len(c.Unmapped)
	if all == 0 {
		return 0
	}
	return float64(len(c.Unmapped)) / float64(all)
}

// Count adds one resource's inputs.
func (c *Checker) Count(coverage *Coverage, token string, inputs map[string]any) {
	if coverage.Mapped == nil {
		*coverage = Coverage{Mapped: map[string]bool{}, Own: map[string]bool{}, Unmapped: map[string]bool{}}
	}
	var resource Resource
	for _, each := range c.services {
		if mapped, ok := each.mapping.Resources[token]; ok {
			resource = mapped
		}
	}
	for _, leaf := range leaves(inputs, "") {
		into := coverage.Unmapped
		switch {
		case covers(slices.Collect(maps.Keys(resource.Properties)), leaf):
			into = coverage.Mapped
		case covers(resource.Own, leaf):
			into = coverage.Own
		}
		into[token+" "+leaf] = true
	}
}

// covers says that a path, or one around it, is among the known ones.
func covers(known []string, leaf string) bool {
	for at := leaf; at != ""; at = at[:max(strings.LastIndexAny(at, ".["), 0)] {
		if slices.Contains(known, at) {
			return true
		}
	}
	return false
}

// leaves gives the paths of all scalars below a value.
func leaves(value any, at string) []string {
	var paths []string
	switch known := value.(type) {
	case map[string]any:
		for key, each := range known {
			paths = append(paths, leaves(each, strings.TrimPrefix(at+"."+key, "."))...)
		}
	case []any:
		for _, each := range known {
			paths = append(paths, leaves(each, at+"[]")...)
		}
	default:
		paths = append(paths, at)
	}
	return paths
}
