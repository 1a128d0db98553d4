package preview

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// properties shows a plan's properties. A name that begins with two
// underscores is the provider's note to itself.
func properties(plan map[string]any, made resource.PropertyMap) []string {
	merged := map[string]any{}
	for name, value := range plan {
		if !strings.HasPrefix(name, "__") {
			merged[name] = merge(name, value, made[resource.PropertyKey(name)])
		}
	}
	return members(merged)
}

// members shows a map, a name a line, sorted.
func members(of map[string]any) []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		head, body := show(of[name])
		lines = append(lines, strings.TrimSuffix(name+": "+head, " "))
		lines = append(lines, indent(body)...)
	}
	return lines
}

// items shows a list, an item a line or, with members of its own, more.
func items(of []any) []string {
	var lines []string
	for _, each := range of {
		head, body := show(each)
		if head == "" { // a map or a list that has something in it
			head, body = body[0], body[1:]
		}
		lines = append(append(lines, "- "+head), indent(body)...)
	}
	return lines
}

// show gives what stands on the line of a value's name, and the lines below.
func show(value any) (head string, body []string) {
	switch v := value.(type) {
	case unknown:
		if v.madeUp == nil {
			return "<unknown>", nil
		}
		head, body = show(v.madeUp)
		return strings.TrimSuffix("<unknown> "+head, " "), body
	case secret:
		return "<secret>", nil
	case file:
		return "file " + string(v), nil
	case script:
		return "|", strings.Split(strings.TrimSuffix(string(v), "\n"), "\n")
	case document:
		head, body = show(v.value)
		return strings.TrimSuffix("json "+head, " "), body
	case map[string]any:
		if len(v) == 0 {
			return "{}", nil
		}
		return "", members(v)
	case []any:
		if len(v) == 0 {
			return "[]", nil
		}
		return "", items(v)
	default:
		return scalar(v), nil
	}
}

func scalar(value any) string {
	if number, ok := value.(float64); ok {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // a string, a bool or nil, which it cannot refuse
	return strings.TrimSpace(text.String())
}

func indent(lines []string) []string {
	var moved []string
	for _, line := range lines {
		if line != "" {
			line = "  " + line
		}
		moved = append(moved, line)
	}
	return moved
}
