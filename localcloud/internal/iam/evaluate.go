package iam

import (
	"fmt"
	"strings"
)

// Request is one use of one right.
type Request struct {
	Principal string // the role's ARN; of a trust policy, a service such as ec2.amazonaws.com
	Action    string // "s3:GetObject"
	Resource  string // an ARN
	// Context holds condition keys with their values, such as
	// aws:SecureTransport: "true".
	Context map[string]string
}

// Evaluate decides a request. why is a sentence for people that names role,
// action and resource, and the policy that decided, if one did.
func Evaluate(documents []Document, r Request) (allowed bool, why string) {
	by := ""
	for _, d := range documents {
		for _, s := range d.statements {
			if !s.applies(r) {
				continue
			}
			if s.Effect == "Deny" {
				return false, fmt.Sprintf("%s is not authorized to perform %s on resource %s with an explicit deny in policy %s", r.Principal, r.Action, r.Resource, label(d, s))
			}
			if by == "" {
				by = label(d, s)
			}
		}
	}
	if by == "" {
		return false, fmt.Sprintf("%s is not authorized to perform %s on resource %s because no policy of it allows the action", r.Principal, r.Action, r.Resource)
	}
	return true, fmt.Sprintf("%s may perform %s on resource %s by policy %s", r.Principal, r.Action, r.Resource, by)
}

func label(d Document, s statement) string {
	if s.Sid == "" {
		return d.Name
	}
	return d.Name + " (" + s.Sid + ")"
}

func (s statement) applies(r Request) bool {
	return s.speaksOf(r.Principal) && s.covers(r) && s.conditionsHold(r.Context)
}

// speaksOf: the policy of a resource names its principals, the policy of a
// role is the role's own.
func (s statement) speaksOf(principal string) bool {
	if !s.Principal.given {
		return true
	}
	for _, name := range s.Principal.names {
		if name == "*" || name == principal || name == account(principal) {
			return true
		}
	}
	return false
}

// account is the ARN of the root of a principal's account, which stands for
// everyone in it.
func account(principal string) string {
	parts := strings.SplitN(principal, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return strings.Join(parts[:5], ":") + ":root"
}

func (s statement) covers(r Request) bool {
	action := strings.ToLower(r.Action) // actions do not distinguish case
	actionOK := some(s.Action, func(p string) bool { return match(strings.ToLower(p), action) })
	if len(s.NotAction) > 0 {
		actionOK = !some(s.NotAction, func(p string) bool { return match(strings.ToLower(p), action) })
	}
	resourceOK := some(s.Resource, func(p string) bool { return match(p, r.Resource) })
	if len(s.NotResource) > 0 {
		resourceOK = !some(s.NotResource, func(p string) bool { return match(p, r.Resource) })
	}
	if len(s.Resource)+len(s.NotResource) == 0 {
		resourceOK = true // the policy of a resource that names none means its own
	}
	return actionOK && resourceOK
}

func some(patterns []string, holds func(string) bool) bool {
	for _, p := range patterns {
		if holds(p) {
			return true
		}
	}
	return false
}

// match compares text with a pattern of * (any run, the empty one too) and ?
// (one character). It goes back to the last * only, so that it takes at most
// len(pattern) × len(text) steps.
func match(pattern, text string) bool {
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
