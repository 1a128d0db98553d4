package provider

import (
	"slices"
	"sort"
)

// Change is one difference between old and new inputs.
type Change struct {
	Path    string // "healthCheck.interval"; lists and maps are compared whole
	Top     string // "healthCheck"
	Old     any    // nil: there was none
	New     any    // nil: there is none any more
	Replace bool
}

// Changes compares old and new inputs as the cloud sees them: a default that
// is written out, "80" for 80 or the order of a set is no change, and what
// the program does not give is the cloud's business.
func Changes(properties map[string]Property, olds, news map[string]any) []Change {
	return changesAt("", "", false, properties, Normalise(properties, olds), Normalise(properties, news))
}

func changesAt(path, top string, replace bool, properties map[string]Property, olds, news map[string]any) []Change {
	var out []Change
	for _, name := range sortedKeys(properties) {
		p := properties[name]
		c := Change{Path: path + name, Top: top, Old: olds[name], New: news[name], Replace: replace || p.Replace}
		if c.Top == "" {
			c.Top = name
		}
		out = append(out, p.changes(c)...)
	}
	return out
}

func (p Property) changes(c Change) []Change {
	oldObject, oldOK := c.Old.(map[string]any)
	newObject, newOK := c.New.(map[string]any)
	if p.Kind == KindObject && oldOK && newOK {
		return changesAt(c.Path+".", c.Top, c.Replace, p.Fields, oldObject, newObject)
	}
	if same(p.alike(c.Old), p.alike(c.New)) {
		return nil
	}
	return []Change{c}
}

func same(old, new any) bool {
	if old == nil || new == nil {
		return empty(old) && empty(new)
	}
	if o, ok := assetHash(old); ok {
		n, ok := assetHash(new)
		return ok && o == n
	}
	return canonical(old) == canonical(new) && !containsUnknown(new)
}

// empty says whether a value is no value to the cloud: an empty list or map
// is the same as none.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

func assetHash(v any) (string, bool) {
	m, ok := v.(map[string]any)
	if !ok {
		return "", false
	}
	a, ok := m[assetKey].(map[string]any)
	if !ok {
		return "", false
	}
	hash, _ := a["sha256"].(string)
	return hash, true
}

// moved lists the computed outputs that some changes change.
func (t Type) moved(changes []Change) []string {
	var out []string
	for output, properties := range t.Moves {
		if slices.ContainsFunc(changes, func(c Change) bool { return slices.Contains(properties, c.Top) }) {
			out = append(out, output)
		}
	}
	sort.Strings(out)
	return out
}
