package iam

import "strings"

// operators are the condition operators that are understood: does the
// request's value satisfy one of the policy's?
var operators = map[string]func(value string, wanted []string) bool{
	"StringEquals":           anyOf(func(value, wanted string) bool { return value == wanted }),
	"StringNotEquals":        noneOf(func(value, wanted string) bool { return value == wanted }),
	"StringEqualsIgnoreCase": anyOf(strings.EqualFold),
	"StringLike":             anyOf(func(value, wanted string) bool { return match(wanted, value) }),
	"StringNotLike":          noneOf(func(value, wanted string) bool { return match(wanted, value) }),
	"ArnEquals":              anyOf(func(value, wanted string) bool { return match(wanted, value) }),
	"ArnLike":                anyOf(func(value, wanted string) bool { return match(wanted, value) }),
	"Bool":                   anyOf(strings.EqualFold),
}

// negated operators hold where the request has no such value.
var negated = map[string]bool{"StringNotEquals": true, "StringNotLike": true}

func anyOf(holds func(value, wanted string) bool) func(string, []string) bool {
	return func(value string, wanted []string) bool {
		for _, w := range wanted {
			if holds(value, w) {
				return true
			}
		}
		return false
	}
}

func noneOf(holds func(value, wanted string) bool) func(string, []string) bool {
	some := anyOf(holds)
	return func(value string, wanted []string) bool { return !some(value, wanted) }
}

// conditionsHold checks all operators and keys of a statement.
func (s statement) conditionsHold(context map[string]string) bool {
	values := make(map[string]string, len(context))
	for key, value := range context {
		values[strings.ToLower(key)] = value // condition keys do not distinguish case
	}
	for operator, keys := range s.Condition {
		for key, wanted := range keys {
			value, ok := values[strings.ToLower(key)]
			if !ok && negated[operator] {
				continue
			}
			if !ok || !operators[operator](value, wanted) {
				return false
			}
		}
	}
	return true
}
