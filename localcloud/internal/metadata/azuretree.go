package metadata

import (
	"slices"
	"strconv"
	"strings"
)

// find follows a path through a tree of JSON values. The empty path is the
// tree itself.
func find(node any, path string) (any, bool) {
	if path == "" {
		return node, true
	}
	first, rest, _ := strings.Cut(path, "/")
	switch branch := node.(type) {
	case map[string]any:
		below, ok := branch[first]
		if !ok {
			return nil, false
		}
		return find(below, rest)
	case []any:
		index, err := strconv.Atoi(first)
		if err != nil || index < 0 || index >= len(branch) {
			return nil, false
		}
		return find(branch[index], rest)
	}
	return nil, false
}

// names are those of a branch, in order; one that has something below it ends
// with a slash.
func names(node any) []string {
	var out []string
	add := func(name string, below any) {
		if _, leaf := below.(string); !leaf {
			name += "/"
		}
		out = append(out, name)
	}
	switch branch := node.(type) {
	case map[string]any:
		for name, below := range branch {
			add(name, below)
		}
		slices.Sort(out)
	case []any:
		for i, below := range branch {
			add(strconv.Itoa(i), below)
		}
	}
	return out
}
