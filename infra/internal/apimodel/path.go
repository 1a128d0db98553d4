package apimodel

import "strings"

// A path leads to a value: members with dots between, and [] for each element
// of a list, or of a map by its key: LaunchTemplateData.NetworkInterfaces[].Groups.
type path []step

type step struct {
	member  string
	element bool
}

func parsePath(text string) path {
	var steps path
	for _, part := range strings.Split(text, ".") {
		name, _, _ := strings.Cut(part, "[]")
		steps = append(steps, step{member: name})
		for range strings.Count(part, "[]") {
			steps = append(steps, step{element: true})
		}
	}
	return steps
}
