package scorecard

import (
	"fmt"
	"slices"
	"strings"

	"orchard/infra/internal/planned"
)

// judge finds what is wrong with one resource; empty is nothing.
type judge func(planned.Stack, item) string

// every passes when there are resources of a type and nothing is wrong with
// any of them.
func every(token string, wrong ...judge) Check {
	return func(stack planned.Stack) (State, string) {
		if len(stack.Of(token)) == 0 {
			return Fail, "no " + kind(token) + " is declared"
		}
		return all(token, wrong...)(stack)
	}
}

// all passes when nothing is wrong with any resource of a type; there may be
// none.
func all(token string, wrong ...judge) Check {
	return func(stack planned.Stack) (State, string) {
		names := []string{}
		for _, r := range of(stack, token) {
			for _, judge := range wrong {
				if problem := judge(stack, r); problem != "" {
					return Fail, fmt.Sprintf("%s %s: %s", kind(token), r.Name, problem)
				}
			}
			names = append(names, r.Name)
		}
		if len(names) == 0 {
			return Pass, "no " + kind(token) + " is declared"
		}
		return Pass, kind(token) + " " + strings.Join(names, ", ")
	}
}

// both passes when all checks do; the first that does not gives the reason.
func both(checks ...Check) Check {
	return func(stack planned.Stack) (State, string) {
		var reasons []string
		for _, check := range checks {
			state, reason := check(stack)
			if state != Pass {
				return state, reason
			}
			reasons = append(reasons, reason)
		}
		return Pass, strings.Join(reasons, "; ")
	}
}

// beyond is the check of a row that no plan decides.
func beyond(reason string) Check {
	return func(planned.Stack) (State, string) { return NotCheckable, reason }
}

// is wants a property to have one of some values. Numbers are float64.
func is(path string, wanted ...any) judge {
	return func(_ planned.Stack, r item) string {
		got := input(r, path)
		if slices.Contains(wanted, got) {
			return ""
		}
		if got == nil {
			return path + " is not set"
		}
		return fmt.Sprintf("%s is %v", path, got)
	}
}

// isNot wants a property to be set, and to none of some values.
func isNot(path string, refused ...any) judge {
	return func(_ planned.Stack, r item) string {
		got := input(r, path)
		if got == nil || slices.Contains(refused, got) {
			return fmt.Sprintf("%s is %v", path, got)
		}
		return ""
	}
}

// given wants a property to be set.
func given(path string) judge { return isNot(path, "") }

// atLeast wants a property to be a number that is not below least.
func atLeast(path string, least float64) judge {
	return func(_ planned.Stack, r item) string {
		if got, ok := input(r, path).(float64); !ok || got < least {
			return fmt.Sprintf("%s is %v, below %v", path, input(r, path), least)
		}
		return ""
	}
}

// has wants a list to hold some values.
func has(path string, wanted ...any) judge {
	return func(_ planned.Stack, r item) string {
		got := list(r, path)
		for _, value := range wanted {
			if !slices.Contains(got, value) {
				return fmt.Sprintf("%s lacks %v", path, value)
			}
		}
		return ""
	}
}

// owns wants a resource of a type that names this one in an input, and nothing
// to be wrong with any such.
func owns(token, link string, wrong ...judge) judge {
	return func(stack planned.Stack, owner item) string {
		found := false
		for _, r := range of(stack, token) {
			if !names(input(r, link), owner) {
				continue
			}
			found = true
			for _, judge := range wrong {
				if problem := judge(stack, r); problem != "" {
					return fmt.Sprintf("%s %s: %s", kind(token), r.Name, problem)
				}
			}
		}
		if !found {
			return "it has no " + kind(token)
		}
		return ""
	}
}

// names says whether an input is the id of a resource, or an ARN of it.
func names(value any, r item) bool {
	named, _ := value.(string)
	return named == r.ID || strings.HasSuffix(named, ":"+r.ID) || strings.HasSuffix(named, "/"+r.ID)
}

// byID finds the resource of a type that an input names.
func byID(stack planned.Stack, token string, value any) (item, bool) {
	for _, r := range of(stack, token) {
		if names(value, r) {
			return r, true
		}
	}
	return item{}, false
}

// of gives the resources of a type in the order of their names.
func of(stack planned.Stack, token string) (found []item) {
	for _, r := range stack.Resources {
		if r.Type == token {
			found = append(found, r)
		}
	}
	return found
}

// kind is the last part of a type's token.
func kind(token string) string { return token[strings.LastIndex(token, ":")+1:] }
